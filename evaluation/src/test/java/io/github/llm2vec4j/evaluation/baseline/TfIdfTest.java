package io.github.llm2vec4j.evaluation.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.evaluation.Golden;
import io.github.llm2vec4j.evaluation.probe.Rows;
import io.github.llm2vec4j.evaluation.probe.SparseRows;
import java.util.List;
import org.junit.jupiter.api.Test;

class TfIdfTest {
    @Test
    void rowsEqualScikitLearn() {
        JsonNode golden = Golden.section("tfidf");
        List<String> texts = Golden.strings(golden.required("test"));
        SparseRows rows = (SparseRows)
                new TfIdf().fit(Golden.strings(golden.required("train"))).rows(null, texts);
        assertThat(rows.dim()).isEqualTo(golden.required("words").size());
        for (int i = 0; i < texts.size(); i++) {
            float[] dense = new float[rows.dim()];
            for (int j = 0; j < rows.columns()[i].length; j++) {
                dense[rows.columns()[i][j]] = rows.values()[i][j];
            }
            assertThat(dense).containsExactly(Golden.matrix(golden.required("rows"))[i], within(1e-6f));
        }
    }

    @Test
    void wordsNotInTheTrainTextsAreLeftOut() {
        Rows rows = new TfIdf().fit(List.of("שלום עולם", "בוקר טוב")).rows("ignored", List.of("ערב", "בוקר אור"));
        assertThat(rows.dim()).isEqualTo(4);
        assertThat(rows.dot(0, rows, 0)).isZero();
        assertThat(rows.dot(1, rows, 1)).isCloseTo(1, within(1e-6));
    }

    @Test
    void textsThatShareRareWordsAreNearer() {
        Rows rows = new TfIdf()
                .fit(List.of("הילד הלך לגן", "הילד הלך לים", "הילד ישן"))
                .rows(null, List.of("הילד לגן", "הילדה לגן", "הילד לים"));
        assertThat(rows.dot(0, rows, 1)).isGreaterThan(rows.dot(0, rows, 2));
    }

    @Test
    void gereshAndGershayimStayInsideWords() {
        assertThat(Words.of("צה\"ל ליד ג'ירפה, \"שלום\" בן־גוריון 3.5 דו״ח"))
                .containsExactly("צה״ל", "ליד", "ג׳ירפה", "שלום", "בן", "גוריון", "3", "5", "דו״ח");
    }

    @Test
    void pointsAndCaseDoNotMatter() {
        assertThat(Words.of("שָׁלוֹם World")).isEqualTo(Words.of("שלום wORLD"));
        assertThat(Words.of(" ,.! ")).isEmpty();
    }
}
