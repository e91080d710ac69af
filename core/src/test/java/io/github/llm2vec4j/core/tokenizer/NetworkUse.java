package io.github.llm2vec4j.core.tokenizer;

import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Loads a tokenizer in a JVM of its own, without a network; prints what {@link TokenizerNetworkTest} reads. */
final class NetworkUse {
    private static final List<URL> ASKED = new CopyOnWriteArrayList<>();

    private NetworkUse() {}

    public static void main(String[] arguments) {
        URL.setURLStreamHandlerFactory(protocol -> protocol.startsWith("http") ? new Refusing() : null);
        try (Tokenizer tokenizer = Tokenizer.load(Path.of(arguments[0]))) {
            System.out.println("tokens: " + tokenizer.encode("a", false).length());
        }
        System.out.println("asked: " + ASKED);
    }

    private static final class Refusing extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL url) throws IOException {
            ASKED.add(url);
            throw new IOException("no network in this test");
        }

        @Override
        protected URLConnection openConnection(URL url, Proxy proxy) throws IOException {
            return openConnection(url);
        }
    }
}
