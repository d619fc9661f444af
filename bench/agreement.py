"""Whether two sides found the same."""

import numpy


def agreement(found: dict, reference: dict, texts: numpy.ndarray | None) -> dict:
    """Of works.Side's runs, in as many items as both looked at, from the first on: cosines of
    embeddings, differences of scores, and how often the best label is the same; of embeddings that
    is the nearest of `texts`, [labels, dimension]. Nothing where a side found nothing."""
    rows = {}
    for kind in ("embeddings", "scores"):
        if kind in found and kind in reference:
            count = min(len(found[kind]), len(reference[kind]))
            ours, theirs = found[kind][:count], reference[kind][:count]
            rows |= cosines(ours, theirs) if kind == "embeddings" else differences(ours, theirs)
    labels = [best_labels(side, texts) for side in (found, reference)]
    if all(side is not None for side in labels):
        count = min(map(len, labels))
        rows["same_label"] = float((labels[0][:count] == labels[1][:count]).mean())
    return rows


def cosines(rows: numpy.ndarray, others: numpy.ndarray) -> dict:
    found = (rows * others).sum(axis=1)
    return {"median_cosine": float(numpy.median(found)), "least_cosine": float(found.min())}


def differences(scores: numpy.ndarray, others: numpy.ndarray) -> dict:
    return {"score_difference": float(numpy.abs(scores - others).max())}


def best_labels(side: dict, texts: numpy.ndarray | None) -> numpy.ndarray | None:
    if "scores" in side:
        return side["scores"].argmax(axis=1)
    if "embeddings" in side and texts is not None:
        return (side["embeddings"] @ texts.T).argmax(axis=1)
    return None
