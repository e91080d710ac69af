"""Writes src/test/resources/metric-golden.json: random inputs and what scikit-learn, scipy and seqeval make of them.

    pip install scikit-learn==1.9.1 scipy==1.17.1 seqeval==1.2.2
    python make_metric_golden.py

Tag sequences are strings of characters: one a tag, see TAGS.
"""

import json
import random
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import pearsonr, spearmanr
from seqeval.metrics import accuracy_score as tag_accuracy
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, ndcg_score
from sklearn.multiclass import OneVsRestClassifier

SEED = 20240917
SEQUENCES = 1000
TAGS = {"O": "O"} | {
    chr(ord("a") + i): f"{kind}-{type_}"
    for i, (kind, type_) in enumerate((k, t) for k in "BIES" for t in ("PER", "ORG", "LOC"))
}


def entities(rng):
    """Single sequences, most of them malformed, each with its micro scores; IOB2-like ones draw from B and I alone."""
    cases = []
    for number in range(SEQUENCES):
        alphabet = "O" + "".join(c for c, tag in TAGS.items() if tag[0] in ("BI" if number % 2 else "BIES"))
        length = rng.randint(1, 24)
        gold = [rng.choice(alphabet) for _ in range(length)]
        guess = [g if rng.random() < 0.6 else rng.choice(alphabet) for g in gold]
        y, p = [[TAGS[c] for c in gold]], [[TAGS[c] for c in guess]]
        scores = precision_recall_fscore_support(y, p, average="micro", zero_division=0)
        cases.append(["".join(gold), "".join(guess), *(round(float(s), 12) for s in scores[:3]), int(scores[3])])
    y = [[TAGS[c] for c in case[0]] for case in cases]
    p = [[TAGS[c] for c in case[1]] for case in cases]
    whole = precision_recall_fscore_support(y, p, average="micro", zero_division=0)
    types = sorted({t.split("-")[1] for t in TAGS.values() if t != "O"})
    by_type = precision_recall_fscore_support(y, p, average=None, zero_division=0)
    return {
        "tags": TAGS,
        "cases": cases,
        "micro": [float(s) for s in whole[:3]],
        "f1_by_type": {t: float(f) for t, f in zip(types, by_type[2])},
        "accuracy": float(tag_accuracy(y, p)),
    }


def classification(rng):
    cases = []
    for _ in range(20):
        labels = "abcdef"[: rng.randint(2, 6)]
        gold = [rng.choice(labels) for _ in range(rng.randint(1, 40))]
        guess = [g if rng.random() < 0.5 else rng.choice(labels) for g in gold]
        cases.append({
            "gold": gold,
            "predicted": guess,
            "accuracy": float(accuracy_score(gold, guess)),
            "macro_f1": float(f1_score(gold, guess, average="macro", zero_division=0)),
        })
    return cases


def average_precision(rng):
    cases = []
    for number in range(20):
        n = rng.randint(2, 40)
        positive = [rng.random() < 0.4 for _ in range(n)]
        positive[rng.randrange(n)] = True
        scores = [round(rng.random(), 1 if number % 2 else 9) for _ in range(n)]  # every second one with ties
        value = average_precision_score(positive, scores)
        cases.append({"scores": scores, "positive": positive, "average_precision": float(value)})
    return cases


def ndcg(rng):
    cases = []
    for _ in range(20):
        n = rng.randint(2, 40)
        relevant = sorted(rng.sample(range(n), rng.randint(1, min(n, 15))))
        scores = [rng.random() for _ in range(n)]
        truth = [[1.0 if i in relevant else 0.0 for i in range(n)]]
        cases.append({
            "scores": scores,
            "relevant": relevant,
            "ndcg_at_3": float(ndcg_score(truth, [scores], k=3)),
            "ndcg_at_10": float(ndcg_score(truth, [scores], k=10)),
        })
    return cases


def correlation(rng):
    cases = []
    for number in range(10):
        n = rng.randint(3, 40)
        x = [round(rng.gauss(0, 1), 1 if number % 2 else 9) for _ in range(n)]  # every second one with ties
        y = [round(a + rng.gauss(0, 1), 1) for a in x]
        cases.append({"x": x, "y": y, "pearson": float(pearsonr(x, y)[0]), "spearman": float(spearmanr(x, y)[0])})
    return cases


def probe(rng):
    """Logistic regression, one against the rest, on rows standardised and divided by the root of the dimension."""
    centres = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(3)]
    labels = [rng.randrange(3) for _ in range(60)]
    rows = [[round(5 + 3 * (c + rng.gauss(0, 1)), 4) for c in centres[label]] + [7.0] for label in labels]
    x = np.array(rows)
    scaled = (x - x.mean(0))[:, :4] / x.std(0)[:4] / 2  # the last column is constant: four columns vary
    cases = []
    for c in (0.5, 10.0):
        model = OneVsRestClassifier(LogisticRegression(C=c, tol=1e-12, max_iter=100000)).fit(scaled, labels)
        cases.append({"c": c, "decisions": model.decision_function(scaled).tolist()})
    return {"rows": rows, "labels": [str(label) for label in labels], "cases": cases}


def tfidf():
    train = ["the cat sat on the mat", "a dog sat", "the dog and the cat", "mat mat mat dog"]
    test = ["the mat", "dog bird cat cat", "unknown words only"]
    vectorizer = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\w+").fit(train)
    dense = vectorizer.transform(test).toarray()
    return {"train": train, "test": test, "words": sorted(vectorizer.vocabulary_), "rows": dense.tolist()}


def main():
    warnings.simplefilter("ignore")
    rng = random.Random(SEED)
    golden = {
        "entities": entities(rng),
        "classification": classification(rng),
        "average_precision": average_precision(rng),
        "ndcg": ndcg(rng),
        "correlation": correlation(rng),
        "probe": probe(rng),
        "tfidf": tfidf(),
    }
    target = Path(__file__).parents[1] / "resources" / "metric-golden.json"
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n", encoding="utf-8")
    print(target, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
