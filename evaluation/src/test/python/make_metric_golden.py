"""Writes src/test/resources/metric-golden.json: random inputs and what scikit-learn, scipy, seqeval and trec_eval make of
them.

    pip install scikit-learn==1.9.1 scipy==1.17.1 seqeval==1.2.2 pytrec_eval-terrier==0.5.11
    python make_metric_golden.py

Tag sequences are strings of characters: one a tag, see TAGS.
"""

import json
import random
import warnings
from pathlib import Path

import numpy as np
import pytrec_eval
from scipy.stats import pearsonr, spearmanr
from seqeval.metrics import accuracy_score as tag_accuracy
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    homogeneity_completeness_v_measure,
    ndcg_score,
    precision_recall_fscore_support as prf,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

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


def clustering(rng):
    cases = []
    for number in range(20):
        n = rng.randint(1, 60)
        classes = [rng.randrange(1 if number == 0 else 5) for _ in range(n)]
        clusters = [c if rng.random() < 0.5 else rng.randrange(1 if number == 1 else 6) for c in classes]
        scores = homogeneity_completeness_v_measure(classes, clusters)
        cases.append({"classes": classes, "clusters": clusters, "scores": [float(s) for s in scores]})
    return cases


def bitext(rng):
    """As MTEB's BitextMining: the gold partner of sentence i is i, scores weighted over the gold labels."""
    cases = []
    for _ in range(20):
        n = rng.randint(1, 40)
        guess = [i if rng.random() < 0.5 else rng.randrange(n) for i in range(n)]
        scores = prf(range(n), guess, average="weighted", zero_division=0)[:3]
        accuracy = float(accuracy_score(range(n), guess))
        cases.append({"predicted": guess, "scores": [float(s) for s in scores], "accuracy": accuracy})
    return cases


def thresholds(rng):
    """As MTEB's PairClassification: of the pairs in falling order of score, the first 1 to n - 1 are called positive."""
    cases = []
    for number in range(20):
        n = rng.randint(2, 30)
        positive = [rng.random() < 0.4 for _ in range(n)]
        scores = [round(rng.random(), 1 if number % 2 else 9) for _ in range(n)]
        order = sorted(range(n), key=lambda i: -scores[i])
        best = [0.0, 0.0]
        for k in range(1, n):
            called = [i in order[:k] for i in range(n)]
            best[0] = max(best[0], float(accuracy_score(positive, called)))
            best[1] = max(best[1], float(f1_score(positive, called, zero_division=0)))
        cases.append({"scores": scores, "positive": positive, "accuracy": best[0], "f1": best[1]})
    return cases


def trec(rng):
    cases = []
    for _ in range(20):
        n = rng.randint(11, 40)
        relevant = sorted(rng.sample(range(n), rng.randint(1, 5)))
        scores = [rng.random() for _ in range(n)]
        measures = {"map", "recip_rank", "ndcg_cut_10", "recall_10"}
        evaluator = pytrec_eval.RelevanceEvaluator({"q": {f"d{i}": 1 for i in relevant}}, measures)
        values = evaluator.evaluate({"q": {f"d{i}": s for i, s in enumerate(scores)}})["q"]
        cases.append({"scores": scores, "relevant": relevant} | {k: float(values[k]) for k in sorted(measures)})
    return cases


def classifiers(rng):
    """What other probes make of raw rows: softmax regression, a perceptron from given weights, one decision tree."""
    cases = []
    for classes in (2, 3):
        centres = [[rng.gauss(0, 1) for _ in range(5)] for _ in range(classes)]
        labels = [i % classes for i in range(60)]
        x = np.array([[round(c + 1.2 * rng.gauss(0, 1), 4) for c in centres[label]] for label in labels])
        regression = LogisticRegression(C=1.0, tol=1e-12, max_iter=100000).fit(x, labels)
        case = {"rows": x.tolist(), "labels": [str(label) for label in labels]}
        case["softmax"] = regression.predict_proba(x).tolist()
        case["mlp"] = perceptron(rng, x, labels)
        trees = [DecisionTreeClassifier(max_depth=2, random_state=seed).fit(x, labels) for seed in range(8)]
        case["tree"] = [str(label) for label in trees[0].predict(x)]
        assert all([str(label) for label in t.predict(x)] == case["tree"] for t in trees), "two splits are as good"
        cases.append(case)
    return cases


def perceptron(rng, x, labels):
    hidden, batch, epochs, outputs = 8, 25, 12, max(labels) + 1
    model = MLPClassifier((hidden,), batch_size=batch, shuffle=False, max_iter=1, warm_start=True, tol=0.0)
    model.fit(x, labels)
    shapes = [w.shape for w in model.coefs_ + model.intercepts_]
    start = [np.array([rng.gauss(0, 0.3) for _ in range(int(np.prod(s)))]).reshape(s) for s in shapes]
    model.coefs_, model.intercepts_ = [w.copy() for w in start[:2]], [w.copy() for w in start[2:]]
    del model._optimizer
    model.max_iter = epochs
    model._no_improvement_count, model.loss_curve_, model.best_loss_ = 0, [], np.inf
    model.fit(x, labels)
    assert model.n_iter_ >= epochs, (model.n_iter_, outputs)
    return {
        "hidden": hidden,
        "batch": batch,
        "epochs": epochs,
        "start": [w.tolist() for w in start],
        "probabilities": model.predict_proba(x).tolist(),
    }


def k_means(rng):
    rows = [[round(3 * (i % 4 == d) + rng.gauss(0, 1.2), 4) for d in range(4)] for i in range(80)]
    start = [rows[i] for i in (0, 1, 4, 7)]
    model = KMeans(4, init=np.array(start), n_init=1, tol=0, max_iter=300).fit(np.array(rows))
    return {"rows": rows, "start": start, "clusters": model.labels_.tolist(), "inertia": float(model.inertia_)}


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
        "clustering": clustering(rng),
        "bitext": bitext(rng),
        "thresholds": thresholds(rng),
        "trec": trec(rng),
        "classifiers": classifiers(rng),
        "k_means": k_means(rng),
    }
    target = Path(__file__).parents[1] / "resources" / "metric-golden.json"
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n", encoding="utf-8")
    print(target, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
