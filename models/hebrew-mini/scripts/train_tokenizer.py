#!/usr/bin/env python3
"""Trains the tokenizer of hebrew-mini: BPE with byte fallback, laid out like the tokenizers of Llama and Mistral.

Needs: pip install tokenizers==0.19.1  (an older version on purpose: old and new readers load what it writes)

Vocabulary: <unk>=0, <s>=1, </s>=2, the bytes <0x00>..<0xFF> = 3..258, single characters, then the learned pieces. Only
the first three are added special tokens; the bytes are plain entries, which BPE falls back to for a character that is
not in the vocabulary.

Text is never altered: decode(encode(text)) gives the text back, with vowel points, final letters and runs of spaces.
(One exception, as in every SentencePiece model: the character U+2581 itself comes back as a space.) For that the mark
of the first word is put on by the normalizer, as in Llama's tokenizer.json. Metaspace's own prepend_scheme "first" adds
no mark to a text that starts with a space, so that " a" and "a" would be the same tokens.

Where words are cut, in this order:
- before every space; the space, as U+2581, stays with what follows it;
- letters (with their vowel points) are apart from anything else. A geresh, gershayim, apostrophe or quotation mark between
  two letters stays inside the word, as in tsahal or chips in Hebrew;
- "_" is always alone: it is the mask token of masked next-token training, and must be the same token everywhere. It is
  not declared as a special token, since that would change how text next to it is tokenized;
- every digit is alone.
"""
import argparse
import json
import os
import sys

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["<unk>", "<s>", "</s>"]
BYTES = ["<0x%02X>" % b for b in range(256)]
SPACE = "\u2581"

# Works alike in Oniguruma (tokenizers) and java.util.regex.
WORD = r"_|▁?[\p{L}\p{M}]+(?:['\"׳״’][\p{L}\p{M}]+)*"

# Always in the vocabulary, however rare: printable ASCII, Hebrew points and letters, frequent signs.
ALPHABET = (
    [chr(c) for c in range(0x21, 0x7F)]
    + [chr(c) for c in range(0x05B0, 0x05C8) if chr(c) not in "\u05C0\u05C3\u05C6"]
    + [chr(c) for c in range(0x05D0, 0x05EB)]
    + list("׳״–—…’‘“”„₪€°§×½•" + SPACE)
)


def lines_of(path, limit):
    """The first `limit` bytes of a file, line by line; train.txt is shuffled, so its start is a fair sample."""
    used = 0
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            used += len(line.encode())
            if used > limit:
                return
            yield line.rstrip("\n")


def build():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Prepend(SPACE)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="never", split=True),
        pre_tokenizers.Split(Regex(WORD), behavior="isolated"),
        pre_tokenizers.Digits(individual_digits=True),
    ])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace(SPACE, " "),
        decoders.ByteFallback(),
        decoders.Fuse(),
        decoders.Strip(" ", 1, 0),
    ])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return tokenizer


def special(token):
    return dict(content=token, lstrip=False, normalized=False, rstrip=False, single_word=False, special=True)


def write(folder, name, value, **options):
    with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as out:
        json.dump(value, out, ensure_ascii=False, **options)
        out.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", required=True, help="UTF-8 text, a document a line (train.txt of prepare_corpus.py)")
    parser.add_argument("--vocab-size", type=int, default=12288, help="entries in all (default 12288)")
    parser.add_argument("--out", required=True, help="folder for tokenizer.json and its two companions")
    parser.add_argument("--max-mb", type=float, default=40, help="learn from the first so many MB (default 40)")
    parser.add_argument("--max-length", type=int, default=512, help="model_max_length (default 512)")
    args = parser.parse_args()

    tokenizer = build()
    trainer = trainers.BpeTrainer(
        vocab_size=args.vocab_size, special_tokens=SPECIAL + BYTES, initial_alphabet=ALPHABET, limit_alphabet=400,
        min_frequency=2, show_progress=False)
    tokenizer.train_from_iterator(lines_of(args.text, args.max_mb * 1e6), trainer)

    # The trainer declares all of its special tokens as added tokens. The bytes must not be.
    data = json.loads(tokenizer.to_str())
    data["added_tokens"] = [t for t in data["added_tokens"] if t["content"] in SPECIAL]
    vocab = data["model"]["vocab"]
    data["model"]["vocab"] = dict(sorted(vocab.items(), key=lambda entry: entry[1]))
    if list(data["model"]["vocab"].values()) != list(range(args.vocab_size)):
        sys.exit("ids are not 0..%d: %d entries" % (args.vocab_size - 1, len(vocab)))
    if [vocab[t] for t in SPECIAL + BYTES] != list(range(259)) or "_" not in vocab:
        sys.exit("special tokens, bytes or _ are not where they should be")
    os.makedirs(args.out, exist_ok=True)
    write(args.out, "tokenizer.json", data, separators=(",", ":"))
    write(args.out, "tokenizer_config.json", {
        "added_tokens_decoder": {str(i): special(t) for i, t in enumerate(SPECIAL)},
        "bos_token": "<s>",
        "clean_up_tokenization_spaces": False,
        "eos_token": "</s>",
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": args.max_length,
        "pad_token": "</s>",
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": "<unk>",
    }, indent=2)
    write(args.out, "special_tokens_map.json",
          {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "</s>", "unk_token": "<unk>"}, indent=2)
    print("%s: %d entries, %d merges, %d characters, _ = %d" % (
        args.out, len(vocab), len(data["model"]["merges"]),
        sum(len(t) == 1 for t in vocab), vocab["_"]))


if __name__ == "__main__":
    main()
