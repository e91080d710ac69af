"""The transformer of this folder for sentence-transformers: every token sees every other, not those before it alone.

Load the folder with SentenceTransformer(FOLDER, trust_remote_code=True).
"""

import torch
from sentence_transformers.models import Transformer

POOL_FIRST_TOKEN = False  # whether the token that begins a text is pooled along with the text's own


class BidirectionalTransformer(Transformer):
    @classmethod
    def load(cls, *args, **kwargs):
        module = super().load(*args, **kwargs)
        module.__class__ = cls  # some versions make a plain Transformer
        return module

    def forward(self, features, **kwargs):
        real = features["attention_mask"].bool()
        dtype = next(self.parameters()).dtype
        mask = torch.zeros(real.shape[0], 1, real.shape[1], real.shape[1], dtype=dtype, device=real.device)
        mask = mask.masked_fill(~real[:, None, None, :], torch.finfo(dtype).min)
        features = super().forward({**features, "attention_mask": mask}, **kwargs)
        features["attention_mask"] = (real if POOL_FIRST_TOKEN else self._without_first(features, real)).long()
        return features

    def _without_first(self, features, real):
        """The first token is left out where the tokenizer has put it before the text, unless nothing else is there."""
        first = torch.nn.functional.one_hot(real.long().argmax(dim=1), real.shape[1]).bool()
        begins = first & (features["input_ids"] == (-1 if self.bos_token_id is None else self.bos_token_id))
        return real & ~(begins & (real.sum(dim=1, keepdim=True) > 1))

    @property
    def bos_token_id(self):
        return self.tokenizer.bos_token_id
