"""The reference package llm2vec on PyTorch; it sorts texts by length and takes a number of them at once."""
import rounds  # first: it sets the environment of the libraries below

import torch
from llm2vec import LLM2Vec

options = rounds.arguments(__doc__, batch=32)
torch.set_num_threads(options.threads)
model = LLM2Vec.from_pretrained(
    options.model, torch_dtype=getattr(torch, options.dtype), attn_implementation="sdpa", pooling_mode="mean"
)
texts = rounds.read_texts(options.texts)
rounds.serve(lambda: model.encode(texts, batch_size=options.batch, show_progress_bar=False), options)
