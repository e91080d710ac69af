#!/usr/bin/env python3
"""Makes a tokenizer like that of DictaLM 2.0: make_hebrew_tokenizer.py --text FOLDER --out DIR

A SentencePiece BPE with byte fallback and the flags of Llama 2 and Mistral, trained on the project's own Hebrew text
(FOLDER: models/hebrew-mini/src/main/resources/llm2vec4j/embedded/hebrew-mini/text). DIR is the folder of make_golden.py;
written are tokenizers/hebrew-spm and tokenizers/hebrew-spm-cases.json: ids, tokens, offsets (in code points) and decoded
text as transformers gives them, and what the mask token "_" is to it. Needs sentencepiece and protobuf beside
requirements.txt.
"""

import argparse
import io
import json
import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import sentencepiece
from transformers import LlamaTokenizer, LlamaTokenizerFast

VOCABULARY = 1000

TEXTS = [
    "שלום עולם",
    "הספרייה פתוחה משמונה עד שש.",
    "בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם וְאֵת הָאָרֶץ",
    "ספר, ספרים; מלך, מלכים; כף, כפיים; עץ, עצים; גן, גנים",
    "םןץףך",
    "צה״ל, ארה״ב וד״ר כהן",
    "צה\"ל, ג'ירפה, צ'יפס וז׳קט",
    "תל־אביב–יפו",
    "מחיר: ‎100 ₪‎ בלבד",
    "‏טקסט עם סימן כיוון‏ באמצע",
    "‫עברית‬ ו-‪English‬",
    "⁧מבודד⁩ ומותאם",
    "שלום 👋🏽 משפחה 👨‍👩‍👧‍👦 דגל 🇮🇱",
    "שלום_עולם",
    "_",
    "___",
    "a_b _ c",
    "שם _ משתמש",
    " רווח בהתחלה ובסוף ",
    "שורה\nועוד\tטאב",
    "1234567890",
    "3.14 ו-2,500",
    "Hebrew ועברית mixed יחד",
    "cafe\u0301 café ﬁ",
    "שׁ שׂ אַ וֹ",
    "שׁ שׂ אַ וֹ",
    "𐤀𐤁 中文 العربية",
    "",
    " ",
    "  שני  רווחים  ",
    "https://example.org/דף?q=א_ב",
    "\u200d\u200c\u200b\ufeff",
    "<s> אינו סימן </s>",
]


def train(folder):
    lines = []
    for name in ["sentences-a.jsonl", "sentences-b.jsonl", "questions.jsonl", "triples.jsonl"]:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            lines += [value for value in json.loads(line).values() if isinstance(value, str) and len(value) > 20]
    lines += [f"{'אבגדהוזחט'[i % 9]}_{i} _ {i}" for i in range(100)]  # Hebrew prose has no underscore
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type="bpe",
        vocab_size=VOCABULARY,
        character_coverage=0.9995,
        byte_fallback=True,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def case(tokenizer, text):
    encoded = tokenizer(text, return_offsets_mapping=True)
    ids = encoded["input_ids"]
    return {
        "text": text,
        "ids": ids,
        "ids_no_special": tokenizer(text, add_special_tokens=False)["input_ids"],
        "tokens": tokenizer.convert_ids_to_tokens(ids),
        "offsets": [list(pair) for pair in encoded["offset_mapping"]],
        "decoded_skip_special": tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        ),
    }


def mask(tokenizer):
    """What the reference does with mask_token_type "blank", and what a text holds before and after it."""
    before = [tokenizer.tokenize(text) for text in ("_", "א _ ב", "א_ב")]
    tokenizer.mask_token = "_"
    return {
        "reference_id": tokenizer.convert_tokens_to_ids(tokenizer.mask_token),
        "tokens_of_underscore": before[0],
        "tokens_between_spaces": before[1],
        "tokens_inside_a_word": before[2],
        "id_with_space_piece": tokenizer.convert_tokens_to_ids("▁_"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    folder = options.out / "tokenizers/hebrew-spm"
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "tokenizer.model"
    model.write_bytes(train(options.text))
    LlamaTokenizerFast.from_pretrained(folder, from_slow=True, clean_up_tokenization_spaces=False).save_pretrained(folder)
    slow = LlamaTokenizer(str(model))
    model.unlink()  # tokenizer.json says the same
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    config.pop("from_slow", None)
    config.pop("add_prefix_space", None)
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    whole = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text, encoding="utf-8")

    tokenizer = LlamaTokenizerFast.from_pretrained(folder)
    for sample in TEXTS[:8]:
        assert slow.tokenize(sample) == tokenizer.tokenize(sample), sample
    cases = {
        "bos_id": tokenizer.bos_token_id,
        "eos_id": tokenizer.eos_token_id,
        "len": len(tokenizer),
        "cases": [case(tokenizer, text) for text in TEXTS],
        "mask": mask(LlamaTokenizerFast.from_pretrained(folder)),
    }
    (options.out / "tokenizers/hebrew-spm-cases.json").write_text(
        json.dumps(cases, ensure_ascii=False, indent=0) + "\n", encoding="utf-8"
    )
    print(len(tokenizer), "pieces,", cases["mask"])


if __name__ == "__main__":
    main()
