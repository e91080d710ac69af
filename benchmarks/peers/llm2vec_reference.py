"""The reference package llm2vec on PyTorch, batches of 32 as it does by default."""
import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import rounds
import torch
from llm2vec import LLM2Vec

options = rounds.arguments(__doc__)
torch.set_num_threads(options.threads)
model = LLM2Vec.from_pretrained(
    options.model, torch_dtype=getattr(torch, options.dtype), attn_implementation="sdpa", pooling_mode="mean"
)
texts = rounds.read_texts(options.texts)
rounds.serve(lambda: model.encode(texts, batch_size=32, show_progress_bar=False), options.dtype)
