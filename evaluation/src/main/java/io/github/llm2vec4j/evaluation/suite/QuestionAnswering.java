package io.github.llm2vec4j.evaluation.suite;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.llm2vec4j.evaluation.task.Retrieval.Query;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Questions and the corpus that answers them.
 *
 * @param queries each question once, with all passages that answer it
 * @param corpus each passage once, in the order of the file, those that answer no question too
 */
record QuestionAnswering(List<Query> queries, List<String> corpus) {

    /** One question and one passage that answers it. */
    record Pair(String question, String passage) {}

    static final QuestionAnswering NONE = new QuestionAnswering(List.of(), List.of());

    /** Joins equal questions and equal passages; {@code corpus} may hold more passages than the pairs. */
    static QuestionAnswering of(List<Pair> pairs, List<String> corpus) {
        Map<String, Integer> passages = new LinkedHashMap<>();
        corpus.forEach(passage -> passages.putIfAbsent(passage, passages.size()));
        Map<String, Set<Integer>> relevant = new LinkedHashMap<>();
        for (Pair pair : pairs) {
            Integer passage = passages.get(pair.passage());
            if (passage == null) {
                throw new IllegalArgumentException(
                        "question " + pair.question() + ": expected its passage in the corpus, found it nowhere");
            }
            relevant.computeIfAbsent(pair.question(), q -> new TreeSet<>()).add(passage);
        }
        List<Query> queries = new ArrayList<>();
        relevant.forEach((question, numbers) -> queries.add(new Query(question, numbers)));
        return new QuestionAnswering(queries, List.copyOf(passages.keySet()));
    }

    /** Reads a file in SQuAD form; questions without an answer are left out, their passages stay in the corpus. */
    static QuestionAnswering readSquad(SourceFile file) {
        List<Pair> pairs = new ArrayList<>();
        List<String> corpus = new ArrayList<>();
        JsonNode data = array(file, JsonRows.whole(file), "data", "");
        for (int a = 0; a < data.size(); a++) {
            JsonNode paragraphs = array(file, data.get(a), "paragraphs", "/data/" + a);
            for (int p = 0; p < paragraphs.size(); p++) {
                String at = "/data/" + a + "/paragraphs/" + p;
                String passage = text(file, paragraphs.get(p), "context", at);
                corpus.add(passage);
                JsonNode questions = array(file, paragraphs.get(p), "qas", at);
                for (int q = 0; q < questions.size(); q++) {
                    JsonNode question = questions.get(q);
                    String asked = text(file, question, "question", at + "/qas/" + q);
                    boolean answered =
                            !array(file, question, "answers", at + "/qas/" + q).isEmpty();
                    if (answered && !question.path("is_impossible").asBoolean(false)) {
                        pairs.add(new Pair(asked, passage));
                    }
                }
            }
        }
        return of(pairs, corpus);
    }

    private static JsonNode array(SourceFile file, JsonNode node, String field, String at) {
        if (!node.path(field).isArray()) {
            throw file.malformed(
                    0, "an array at " + at + "/" + field, node.path(field).toString());
        }
        return node.path(field);
    }

    private static String text(SourceFile file, JsonNode node, String field, String at) {
        if (!node.path(field).isTextual() || node.path(field).textValue().isBlank()) {
            throw file.malformed(
                    0, "a text at " + at + "/" + field, node.path(field).toString());
        }
        return node.path(field).textValue().strip();
    }
}
