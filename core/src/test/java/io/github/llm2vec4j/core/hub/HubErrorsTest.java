package io.github.llm2vec4j.core.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is said where the hub refuses: one line with the reason and what to do. */
class HubErrorsTest extends HubTest {

    private HubException refused(String id, @Nullable String token) {
        try {
            client(variables(token)).pull(HubId.parse(id));
        } catch (HubException e) {
            assertThat(e.getMessage()).startsWith(id).doesNotContain("\n", "hf_wrong", "hf_right");
            return e;
        }
        throw new AssertionError("was not refused");
    }

    @Test
    void aNameThatIsNotThere() {
        server.admit("hf_right");
        HubException e = refused("owner/nothing", null);
        assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(e.isOfWhatWasGiven()).isTrue();
        assertThat(e)
                .hasMessage("owner/nothing: " + server.endpoint()
                        + " has no such model, or it is private: check the name, and for a private one set HF_TOKEN to a token"
                        + " that may read it");
        assertThat(refused("datasets/owner/nothing", "hf_right"))
                .hasMessageContaining("has no such data set, or it is private: check the name, and whether the token");
    }

    @Test
    void aRevisionThatIsNotThere() {
        HubException e = refused("owner/model@v9", null);
        assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(e).hasMessageContaining("owner/model@v9: there is no such revision");
    }

    @Test
    void conditionsThatAreNotAccepted() {
        server.admit("hf_right");
        server.repo("owner/model").gate("hf_other");
        HubException without = refused("owner/model", null);
        assertThat(without.kind()).isEqualTo(Kind.GATED);
        assertThat(without)
                .hasMessage("owner/model: is gated: accept the conditions at " + server.endpoint()
                        + "/owner/model with an account, and set HF_TOKEN to a token of that account from "
                        + server.endpoint() + "/settings/tokens");
        HubException with = refused("owner/model", "hf_right");
        assertThat(with.kind()).isEqualTo(Kind.GATED);
        assertThat(with).hasMessageContaining("the account of the token has no access: accept the conditions at");

        server.admit("hf_other");
        assertThat(client(variables("hf_other")).pull(MODEL)).exists();
    }

    @Test
    void aTokenThatIsNotValid() {
        HubException e = refused("owner/model", "hf_wrong");
        assertThat(e.kind()).isEqualTo(Kind.UNAUTHORISED);
        assertThat(e).hasMessageContaining("does not accept the token");
    }

    @Test
    void whatTheTokenMayNotDo() {
        server.admit("hf_right");
        server.fail(HubFault.status("hub GET /api", 1, 403, Map.of("X-Error-Message", "ask  hf_right now")));
        HubException e = refused("owner/model", "hf_right");
        assertThat(e.kind()).isEqualTo(Kind.FORBIDDEN);
        assertThat(e).hasMessageContaining("forbids it (ask *** now): check");
    }

    @Test
    void aStoreThatRefusesIsNotTheUsersFault() {
        server.fail(HubFault.status("store GET", 99, 403, Map.of()));
        HubException e = refused("owner/model", null);
        assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(e).hasMessageContaining("the hub leads to 127.0.0.1, which answered 403");
    }

    @Test
    void whatWasFetchedBeforeIsUsedWhereTheHubRefusesNow() {
        var snapshot = client().pull(MODEL);
        server.repo("owner/model").hide();
        assertThat(client().pull(MODEL)).isEqualTo(snapshot);
    }

    @Test
    void aTokenThatCannotBeOneIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> client(variables("hf_a secret\u0007")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HF_TOKEN")
                .hasMessageNotContaining("secret");
    }
}
