/**
 * What a run leaves for a reader: {@code report.html}, one file that needs nothing else, and {@code report.json} with the
 * same figures. Start at {@link io.github.llm2vec4j.evaluation.report.Report}: the recipe fills it and calls
 * {@code write}. The records are the data; {@code ReportHtml} and {@code ReportJson} only set them. Texts are taken to be
 * hostile: they reach the page through {@code Html} alone.
 */
@NullMarked
package io.github.llm2vec4j.evaluation.report;

import org.jspecify.annotations.NullMarked;
