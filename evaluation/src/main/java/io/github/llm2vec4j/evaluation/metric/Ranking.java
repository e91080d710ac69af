package io.github.llm2vec4j.evaluation.metric;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Metrics of one ranked list with binary relevance. A ranking is int[n] of document numbers, best first; relevant is
 * the non-empty set of document numbers that answer the query.
 */
public final class Ranking {
    private Ranking() {}

    /** Document numbers by falling score; documents of equal score stay in corpus order. */
    public static int[] byScore(double[] scores) {
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> scores[i]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Normalised discounted cumulative gain: gain 1 a hit, discount 1 / log2(rank + 1), ideal order in the
     * denominator.
     */
    public static double ndcg(int[] ranking, Set<Integer> relevant, int k) {
        check(relevant, k);
        double gain = 0;
        double ideal = 0;
        for (int rank = 1; rank <= Math.min(k, ranking.length); rank++) {
            double discount = Math.log(2) / Math.log(rank + 1.0);
            gain += relevant.contains(ranking[rank - 1]) ? discount : 0;
            ideal += rank <= relevant.size() ? discount : 0;
        }
        return ideal == 0 ? 0 : gain / ideal;
    }

    /** 1 / rank of the first relevant document over the whole list; 0 when it holds none. */
    public static double reciprocalRank(int[] ranking, Set<Integer> relevant) {
        check(relevant, 1);
        for (int rank = 1; rank <= ranking.length; rank++) {
            if (relevant.contains(ranking[rank - 1])) {
                return 1.0 / rank;
            }
        }
        return 0;
    }

    /** The fraction of the relevant documents among the first k. */
    public static double recall(int[] ranking, Set<Integer> relevant, int k) {
        check(relevant, k);
        long found = Arrays.stream(ranking).limit(k).filter(relevant::contains).count();
        return (double) found / relevant.size();
    }

    /**
     * Average precision of the whole list: the mean over the relevant documents of the precision at their rank, 0 for one
     * that is not in the list ({@code map} of trec_eval for one query).
     */
    public static double averagePrecision(int[] ranking, Set<Integer> relevant) {
        check(relevant, 1);
        double sum = 0;
        int found = 0;
        for (int rank = 1; rank <= ranking.length; rank++) {
            if (relevant.contains(ranking[rank - 1])) {
                sum += (double) ++found / rank;
            }
        }
        return sum / relevant.size();
    }

    private static void check(Set<Integer> relevant, int k) {
        if (relevant.isEmpty() || k < 1) {
            throw new IllegalArgumentException(
                    "expected a relevant document and k >= 1, found " + relevant.size() + " and k = " + k);
        }
    }
}
