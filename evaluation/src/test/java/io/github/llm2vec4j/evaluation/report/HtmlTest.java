package io.github.llm2vec4j.evaluation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HtmlTest {

    @ParameterizedTest
    @CsvSource({
        "שלום עולם,rtl,he",
        "WhatsApp נפל הבוקר בארץ,rtl,he",
        "see שלום there,ltr,''",
        "مرحبا,rtl,''",
        "3.5%,ltr,''"
    })
    void aTextHasTheDirectionOfMostOfItsLetters(String text, String direction, String language) {
        assertThat(Html.direction(text)).isEqualTo(direction);
        assertThat(Html.language(text)).isEqualTo(language);
    }

    @Test
    void markupAndQuotesAreEscaped() {
        assertThat(Html.escape("<a href=\"x\" b='y'>&")).isEqualTo("&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    }

    @Test
    void charactersThatReorderTheirSurroundingsAreWrittenOut() {
        assertThat(Html.bdi("שלום\u202eabc\u2069\u0007\u200f"))
                .isEqualTo("<bdi dir=\"rtl\" lang=\"he\">שלום[U+202E]abc[U+2069][U+0007]\u200f</bdi>");
    }

    @Test
    void jsonForAScriptElementHasNoMarkupAndReadsBack() throws Exception {
        String text = "</script><!-- & \u2028 \"";

        String json = Html.json(TextNode.valueOf(text));

        assertThat(json).doesNotContain("<", ">", "&", "\u2028");
        assertThat(new JsonMapper().readTree(json).asText()).isEqualTo(text);
    }
}
