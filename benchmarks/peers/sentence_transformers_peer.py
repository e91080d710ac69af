"""sentence-transformers on what llm2vec4j exported; it sorts texts by length and takes a number of them at once."""
import rounds  # first: it sets the environment of the libraries below

import torch
from sentence_transformers import SentenceTransformer

options = rounds.arguments(__doc__, batch=32)
torch.set_num_threads(options.threads)
model = SentenceTransformer(
    options.model, device="cpu", trust_remote_code=True, model_kwargs={"dtype": getattr(torch, options.dtype)}
)
texts = rounds.read_texts(options.texts)
rounds.serve(lambda: model.encode(texts, batch_size=options.batch, show_progress_bar=False), options)
