"""llama.cpp through its Python binding: mean pooling over a GGUF file, many texts in a batch, without a causal mask."""
import rounds
from llama_cpp import LLAMA_POOLING_TYPE_MEAN, Llama

options = rounds.arguments(__doc__)
model = Llama(
    model_path=options.gguf,
    embedding=True,
    pooling_type=LLAMA_POOLING_TYPE_MEAN,
    n_ctx=4096,
    n_batch=4096,
    n_ubatch=4096,
    n_threads=options.threads,
    n_threads_batch=options.threads,
    verbose=False,
)
texts = rounds.read_texts(options.texts)
rounds.serve(lambda: model.embed(texts, normalize=False), options.gguf.rsplit("-", 1)[-1].removesuffix(".gguf"))
