"""llama.cpp through its Python binding: the mean over all tokens, which see each other in both directions.

It takes a number of tokens at once, of several texts, and compares each with all of them before it masks: so a batch
should hold the longest text and not much more. Tokens come from the tokenizer.json of the model beside the file, by the
package tokenizers, as they do for the other programs.
"""
import pathlib

import rounds
import tokenizers
from llama_cpp import LLAMA_ATTENTION_TYPE_NON_CAUSAL, LLAMA_POOLING_TYPE_MEAN, Llama
from llama_cpp.llama_tokenizer import BaseLlamaTokenizer


class JsonTokenizer(BaseLlamaTokenizer):
    def __init__(self, file):
        self.tokenizer = tokenizers.Tokenizer.from_file(str(file))

    def tokenize(self, text, add_bos=True, special=True):
        return self.tokenizer.encode(text.decode("utf-8")).ids

    def detokenize(self, tokens, prev_tokens=None, special=False):
        return self.tokenizer.decode(tokens).encode("utf-8")


options = rounds.arguments(__doc__, batch=512)
file = pathlib.Path(options.model)
folder = file.with_name(file.stem.removesuffix(f"-{options.dtype}"))
model = Llama(
    model_path=str(file),
    tokenizer=JsonTokenizer(folder / "tokenizer.json"),
    embedding=True,
    attention_type=LLAMA_ATTENTION_TYPE_NON_CAUSAL,
    pooling_type=LLAMA_POOLING_TYPE_MEAN,
    flash_attn=True,
    n_ctx=options.batch,
    n_batch=options.batch,
    n_ubatch=options.batch,
    n_threads=options.threads,
    n_threads_batch=options.threads,
    verbose=False,
)
texts = rounds.read_texts(options.texts)
rounds.serve(lambda: model.embed(texts), options)
