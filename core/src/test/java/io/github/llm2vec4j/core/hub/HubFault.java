package io.github.llm2vec4j.core.hub;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;

/** Something that goes wrong at {@link HubServer}, a number of times, with requests that match a pattern. */
public class HubFault {
    private interface Action {
        void strike(HttpExchange exchange) throws IOException;
    }

    private final Pattern request;
    private final AtomicInteger times;
    private final Action action;

    private HubFault(String request, int times, Action action) {
        this.request = Pattern.compile(request);
        this.times = new AtomicInteger(times);
        this.action = action;
    }

    /**
     * An answer of this status.
     *
     * @param request found in {@code hub|store METHOD /path}
     */
    public static HubFault status(String request, int times, int status, Map<String, String> headers) {
        return new HubFault(request, times, exchange -> {
            exchange.getRequestBody().readAllBytes();
            headers.forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(status, -1);
        });
    }

    /** Announces more bytes than it sends, and closes the connection. */
    public static HubFault cut(String request, int times, byte[] content, int sent) {
        return new HubFault(request, times, exchange -> partly(exchange, content, sent, n -> {}));
    }

    /** Sends some bytes, and then nothing for a while. */
    public static HubFault silence(String request, int times, byte[] content, int sent, long millis) {
        return new HubFault(
                request,
                times,
                exchange -> partly(exchange, content, sent, n -> {
                    try {
                        Thread.sleep(millis);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
    }

    /** Sends other bytes, the whole of them whatever range is asked for. */
    public static HubFault whole(String request, int times, byte[] content) {
        return new HubFault(request, times, exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        });
    }

    /** Sends the range that is asked for, of other bytes. */
    public static HubFault corrupt(String request, int times, byte[] content) {
        return new HubFault(request, times, exchange -> partly(exchange, content, content.length, n -> {}));
    }

    /** Sends the range that is asked for, of another version of the file. */
    public static HubFault changed(String request, int times, byte[] content) {
        return new HubFault(request, times, exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"another-version\"");
            partly(exchange, content, content.length, n -> {});
        });
    }

    /** Does something before such a request, which is then answered as usual, when so many have come before it. */
    public static HubFault after(String request, int before, Runnable deed) {
        AtomicInteger left = new AtomicInteger(before);
        return new HubFault(request, Integer.MAX_VALUE, exchange -> {
            if (left.getAndDecrement() == 0) {
                deed.run();
            }
        }) {
            @Override
            boolean answers() {
                return false;
            }
        };
    }

    private static void partly(HttpExchange exchange, byte[] content, int sent, IntConsumer then) throws IOException {
        var range = Pattern.compile("bytes=(\\d+)-(\\d*)")
                .matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
        int from = range.matches() ? Integer.parseInt(range.group(1)) : 0;
        int to = range.matches() && !range.group(2).isEmpty() ? Integer.parseInt(range.group(2)) + 1 : content.length;
        if (range.matches()) {
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(range.matches() ? 206 : 200, to - from);
        OutputStream out = exchange.getResponseBody();
        int n = Math.min(sent, to - from);
        out.write(content, from, n);
        out.flush();
        then.accept(n);
    }

    boolean strikes(HttpExchange exchange, String asked) throws IOException {
        if (!request.matcher(asked).find() || times.getAndDecrement() <= 0) {
            return false;
        }
        action.strike(exchange);
        return answers();
    }

    boolean answers() {
        return true;
    }
}
