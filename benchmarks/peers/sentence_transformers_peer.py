"""sentence-transformers: the decoder (causal, as it loads it by itself) with mean pooling; the work is the same."""
import os

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import rounds
import torch
from sentence_transformers import SentenceTransformer, models

options = rounds.arguments(__doc__)
torch.set_num_threads(options.threads)
transformer = models.Transformer(
    options.model, max_seq_length=512, model_args={"torch_dtype": getattr(torch, options.dtype)}
)
if transformer.tokenizer.pad_token is None:
    transformer.tokenizer.pad_token = transformer.tokenizer.eos_token
pooling = models.Pooling(transformer.get_word_embedding_dimension(), pooling_mode="mean")
model = SentenceTransformer(modules=[transformer, pooling], device="cpu")
texts = rounds.read_texts(options.texts)
rounds.serve(lambda: model.encode(texts, batch_size=32, show_progress_bar=False), options.dtype)
