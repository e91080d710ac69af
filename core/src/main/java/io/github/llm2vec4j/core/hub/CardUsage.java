package io.github.llm2vec4j.core.hub;

/** The part of a model card that says how the model is used. */
final class CardUsage {
    private CardUsage() {}

    /**
     * @param base its name on the hub, or empty
     * @param onOthers whether other adapters come between the base and this one
     */
    static void append(
            StringBuilder card,
            String name,
            boolean sentences,
            boolean tagger,
            boolean adapter,
            boolean encoder,
            String base,
            boolean onOthers) {
        String model = MarkdownText.copied(name);
        card.append("## Use\n\nWith llm2vec4j, in Java and from the command line:\n\n");
        if (tagger) {
            code(card, "java", """
                    try (Tagger tagger = Tagger.load("%s")) {
                        List<List<String>> tags = tagger.tag(List.of(List.of("שלום", "עולם")));
                    }""".formatted(model));
            code(card, "", "./llm2vec tag --model " + model + " --in sentences.txt");
            return;
        }
        code(card, "java", """
                try (Llm2Vec model = Llm2Vec.load("%s")) {
                    float[][] vectors = model.encode(List.of("שלום עולם", "בוקר טוב"));
                }""".formatted(model));
        code(card, "", "./llm2vec encode --model " + model + " --in texts.txt --out vectors.npy");
        card.append("In Python:\n\n");
        if (!encoder) {
            code(card, "python", """
                    from transformers import AutoModelForCausalLM, AutoTokenizer

                    model = AutoModelForCausalLM.from_pretrained("%1$s")
                    tokenizer = AutoTokenizer.from_pretrained("%1$s")""".formatted(model));
        } else if (sentences) {
            code(card, "python", sentenceTransformers(model));
        } else {
            boolean exported = adapter && (onOthers || base.isEmpty());
            if (exported) {
                code(card, "", "./llm2vec export --model " + model + " --format merged --to merged");
            }
            String loaded = exported
                    ? "LLM2Vec.from_pretrained(\"merged\")"
                    : adapter
                            ? "LLM2Vec.from_pretrained(\"%s\", peft_model_name_or_path=\"%s\")"
                                    .formatted(MarkdownText.copied(base), model)
                            : "LLM2Vec.from_pretrained(\"%s\")".formatted(model);
            code(card, "python", """
                    from llm2vec import LLM2Vec

                    model = %s
                    vectors = model.encode(["שלום עולם", "בוקר טוב"])""".formatted(loaded));
            card.append("Or with sentence-transformers:\n\n");
            code(card, "", "./llm2vec export --model " + model + " --format sentence-transformers --to exported");
            code(card, "python", sentenceTransformers("exported"));
        }
    }

    private static String sentenceTransformers(String model) {
        return """
                from sentence_transformers import SentenceTransformer

                model = SentenceTransformer("%s", trust_remote_code=True)
                vectors = model.encode(["שלום עולם", "בוקר טוב"])""".formatted(model);
    }

    private static void code(StringBuilder card, String language, String text) {
        card.append("```").append(language).append('\n').append(text).append("\n```\n\n");
    }
}
