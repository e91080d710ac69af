package io.github.llm2vec4j.core.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.llm2vec4j.core.checkpoint.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hub on this machine: it speaks what {@link HubClient} and the Python package huggingface_hub ask for, keeps large
 * files on a second server as the real one does, and fails as it is told to.
 */
public final class HubServer implements AutoCloseable {
    static {
        // Without it an answer waits 40 ms for the one who asks to confirm its first half.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    /** A request as it came; {@code server} is hub or store. */
    public record Seen(String server, String method, String path, Map<String, String> headers) {
        public @Nullable String header(String name) {
            return headers.get(name.toLowerCase(java.util.Locale.ROOT));
        }
    }

    private final HttpServer hub;
    private final HttpServer store;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "hub-server");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, ServedRepo> repos = new ConcurrentHashMap<>();
    private final Map<String, String> renamed = new ConcurrentHashMap<>();
    private final Map<String, ServedFile> stored = new ConcurrentHashMap<>();
    private final Map<String, SortedMap<Integer, byte[]>> parts = new ConcurrentHashMap<>();
    private final Set<String> tokens = ConcurrentHashMap.newKeySet();
    private final List<HubFault> faults = new CopyOnWriteArrayList<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final AtomicInteger links = new AtomicInteger();
    private final AtomicInteger firstValidLink = new AtomicInteger();
    private volatile int filesPerPage = 1000;
    private volatile int partBytes;

    private HubServer() throws IOException {
        hub = server(this::answer, "hub");
        store = server(this::answerFromStore, "store");
    }

    public static HubServer start() {
        try {
            return new HubServer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Answering {
        void answer(HttpExchange exchange, String path) throws IOException;
    }

    private HttpServer server(Answering answering, String name) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                URI uri = exchange.getRequestURI();
                Map<String, String> headers = new LinkedHashMap<>();
                exchange.getRequestHeaders()
                        .forEach((key, values) ->
                                headers.put(key.toLowerCase(java.util.Locale.ROOT), String.join(", ", values)));
                seen.add(new Seen(name, exchange.getRequestMethod(), uri.toString(), headers));
                for (HubFault fault : faults) {
                    if (fault.strikes(exchange, name + " " + exchange.getRequestMethod() + " " + uri.getPath())) {
                        return;
                    }
                }
                answering.answer(exchange, uri.getRawPath());
            }
        });
        server.start();
        return server;
    }

    public URI endpoint() {
        return address(hub);
    }

    private static URI address(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A repository such as {@code owner/name} or {@code datasets/owner/name}, made if it is new. */
    public ServedRepo repo(String path) {
        return repos.computeIfAbsent(path, ServedRepo::new);
    }

    /** Leads those who ask for the old name to the new one. */
    public void rename(String old, String name) {
        renamed.put(old, name);
    }

    public void admit(String token) {
        tokens.add(token);
    }

    public void fail(HubFault fault) {
        faults.add(fault);
    }

    /** Links to the store that were given until now are refused. */
    public void expireLinks() {
        firstValidLink.set(links.get() + 1);
    }

    public void listFilesPerPage(int files) {
        filesPerPage = files;
    }

    /** Large files are to be uploaded in parts of so many bytes. */
    public void takeParts(int bytes) {
        partBytes = bytes;
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public void forgetSeen() {
        seen.clear();
    }

    private void answer(HttpExchange exchange, String path) throws IOException {
        List<String> steps = Arrays.stream(path.substring(1).split("/"))
                .map(step -> URLDecoder.decode(step, StandardCharsets.UTF_8))
                .collect(Collectors.toList());
        String token = token(exchange);
        if (token != null && !tokens.contains(token)) {
            refuse(exchange, 401, null, "Invalid credentials in Authorization header");
            return;
        }
        if (path.equals("/api/repos/create")) {
            create(exchange, token);
        } else if (path.startsWith("/complete/") || path.startsWith("/verify/")) {
            complete(exchange, steps, token);
        } else if (path.endsWith(".git/info/lfs/objects/batch")) {
            batch(exchange, token);
        } else if (steps.size() >= 4 && steps.get(0).equals("api")) {
            String prefix = steps.get(1).equals("datasets") ? "datasets/" : "";
            String name = prefix + steps.get(2) + "/" + steps.get(3);
            api(exchange, path, name, steps.subList(4, steps.size()), token);
        } else {
            int skip = steps.get(0).equals("datasets") ? 1 : 0;
            if (steps.size() < skip + 5 || !steps.get(skip + 2).equals("resolve")) {
                refuse(exchange, 404, null, "no such page");
                return;
            }
            String name = String.join("/", steps.subList(0, skip + 2));
            String file = String.join("/", steps.subList(skip + 4, steps.size()));
            resolve(exchange, name, steps.get(skip + 3), file, token);
        }
    }

    private static @Nullable String token(HttpExchange exchange) {
        String said = exchange.getRequestHeaders().getFirst("Authorization");
        return said == null ? null : said.replaceFirst("^Bearer ", "");
    }

    /** The repository if it may be seen; otherwise answers, and returns null. */
    private @Nullable ServedRepo visible(HttpExchange exchange, String name, @Nullable String token)
            throws IOException {
        ServedRepo repo = repos.get(name);
        if (repo == null || (repo.hidden && token == null)) {
            refuse(exchange, token == null ? 401 : 404, "RepoNotFound", "Repository not found");
            return null;
        }
        return repo;
    }

    private boolean movedOn(HttpExchange exchange, String name) throws IOException {
        String newName = renamed.get(name);
        if (newName == null) {
            return false;
        }
        String location = exchange.getRequestURI().toString().replace("/" + name, "/" + newName);
        exchange.getResponseHeaders().set("Location", location);
        exchange.sendResponseHeaders(307, -1);
        return true;
    }

    private void api(HttpExchange exchange, String path, String name, List<String> rest, @Nullable String token)
            throws IOException {
        if (movedOn(exchange, name)) {
            return;
        }
        ServedRepo repo = visible(exchange, name, token);
        if (repo == null) {
            return;
        }
        String what = rest.isEmpty() ? "revision" : rest.get(0);
        String revision = rest.size() < 2 ? "main" : rest.get(1);
        String commit = repo.resolve(revision);
        if (what.equals("parquet")) {
            parquet(exchange, repo);
        } else if (what.equals("preupload")) {
            preupload(exchange, repo, commit);
        } else if (what.equals("commit")) {
            commit(exchange, repo, revision);
        } else if (commit == null) {
            refuse(exchange, 404, "RevisionNotFound", "Invalid rev id: " + revision);
        } else if (what.equals("tree")) {
            tree(exchange, path, repo, commit);
        } else {
            ObjectNode info = HubApi.JSON.createObjectNode();
            info.put("id", name.replaceFirst("^datasets/", ""));
            info.put("sha", commit);
            info.put("private", repo.hidden);
            info.put("gated", repo.admitted != null);
            info.putArray("tags");
            ArrayNode siblings = info.putArray("siblings");
            repo.files(commit).keySet().forEach(file -> siblings.addObject().put("rfilename", file));
            json(exchange, 200, info);
        }
    }

    private void tree(HttpExchange exchange, String path, ServedRepo repo, String commit) throws IOException {
        ArrayNode all = ServedRepo.tree(repo.files(commit));
        Matcher cursor = Pattern.compile("cursor=(\\d+)")
                .matcher(String.valueOf(exchange.getRequestURI().getQuery()));
        int from = cursor.find() ? Integer.parseInt(cursor.group(1)) : 0;
        int to = Math.min(all.size(), from + filesPerPage);
        ArrayNode page = HubApi.JSON.createArrayNode();
        for (int i = from; i < to; i++) {
            page.add(all.get(i));
        }
        if (to < all.size()) {
            exchange.getResponseHeaders()
                    .set(
                            "Link",
                            "<" + endpoint() + path + "?recursive=true&cursor=" + to + "&page="
                                    + links.incrementAndGet() + ">; rel=\"next\"");
        }
        json(exchange, 200, page);
    }

    private void parquet(HttpExchange exchange, ServedRepo repo) throws IOException {
        ObjectNode configs = HubApi.JSON.createObjectNode();
        String commit = repo.resolve("refs/convert/parquet");
        if (commit != null) {
            for (String path : repo.files(commit).keySet()) {
                String[] steps = path.split("/"); // CONFIG/SPLIT/0000.parquet
                configs.withObject("/" + steps[0])
                        .withArray("/" + steps[1])
                        .add(endpoint() + "/api/datasets/" + repo.name + "/parquet/" + path);
            }
        }
        json(exchange, 200, configs);
    }

    private void resolve(HttpExchange exchange, String name, String revision, String path, @Nullable String token)
            throws IOException {
        if (movedOn(exchange, name)) {
            return;
        }
        ServedRepo repo = visible(exchange, name, token);
        if (repo == null) {
            return;
        }
        Set<String> admitted = repo.admitted;
        if (admitted != null && (token == null || !admitted.contains(token))) {
            refuse(exchange, token == null ? 401 : 403, "GatedRepo", "Access to model " + name + " is restricted");
            return;
        }
        String commit = repo.resolve(revision);
        if (commit == null) {
            refuse(exchange, 404, "RevisionNotFound", "Invalid rev id: " + revision);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        ServedFile content = repo.files(commit).get(path);
        if (content == null) {
            refuse(exchange, 404, "EntryNotFound", "Entry not found");
            return;
        }
        String digest = ServedRepo.digest(path, content);
        if (!ServedRepo.isLarge(path, content.size())) {
            exchange.getResponseHeaders().set("ETag", '"' + digest + '"');
            send(exchange, content);
            return;
        }
        stored.put(digest, content);
        exchange.getResponseHeaders().set("X-Linked-Etag", '"' + digest + '"');
        exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(content.size()));
        exchange.getResponseHeaders()
                .set("Location", address(store) + "/" + digest + "?signature=secret&link=" + links.incrementAndGet());
        exchange.sendResponseHeaders(302, -1);
    }

    private void answerFromStore(HttpExchange exchange, String path) throws IOException {
        String[] steps = path.substring(1).split("/");
        if (exchange.getRequestMethod().equals("PUT")) {
            byte[] content = exchange.getRequestBody().readAllBytes();
            if (steps.length == 2) {
                stored.put(steps[1], new ServedFile.InMemory(content));
            } else {
                parts.computeIfAbsent(steps[1], oid -> new TreeMap<>()).put(Integer.parseInt(steps[2]), content);
            }
            exchange.getResponseHeaders()
                    .set("ETag", '"' + Sha256.ofBytes(content).substring(0, 32) + '"');
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Matcher link = Pattern.compile("link=(\\d+)")
                .matcher(String.valueOf(exchange.getRequestURI().getQuery()));
        boolean valid = link.find() && Integer.parseInt(link.group(1)) >= firstValidLink.get();
        ServedFile content = stored.get(steps[0]);
        if (!valid || content == null) {
            refuse(exchange, valid ? 404 : 403, null, "Request has expired");
            return;
        }
        exchange.getResponseHeaders().set("ETag", '"' + steps[0].substring(0, 32) + '"');
        send(exchange, content);
    }

    private static void send(HttpExchange exchange, ServedFile content) throws IOException {
        Matcher range =
                RANGE.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
        long size = content.size();
        long from = 0;
        long to = size;
        int status = 200;
        exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        if (range.matches()) {
            from = Long.parseLong(range.group(1));
            to = range.group(2).isEmpty() ? to : Math.min(to, Long.parseLong(range.group(2)) + 1);
            status = 206;
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + size);
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(to - from));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, to == from ? -1 : to - from);
        try (OutputStream out = exchange.getResponseBody()) {
            content.send(from, to, out);
        }
    }

    private void create(HttpExchange exchange, @Nullable String token) throws IOException {
        JsonNode wanted = HubApi.JSON.readTree(exchange.getRequestBody().readAllBytes());
        if (token == null) {
            refuse(exchange, 401, null, "Invalid username or password.");
            return;
        }
        String name =
                wanted.path("organization").asText() + "/" + wanted.path("name").asText();
        if (repos.containsKey(name)) {
            refuse(exchange, 409, null, "You already created this model repo");
            return;
        }
        repo(name).hidden = wanted.path("private").asBoolean();
        repo(name).commit("main", Map.of(".gitattributes", new byte[] {'\n'}));
        json(exchange, 200, HubApi.JSON.createObjectNode().put("url", endpoint() + "/" + name));
    }

    private static void preupload(HttpExchange exchange, ServedRepo repo, @Nullable String commit) throws IOException {
        JsonNode question = HubApi.JSON.readTree(exchange.getRequestBody().readAllBytes());
        ObjectNode answer = HubApi.JSON.createObjectNode();
        ArrayNode files = answer.putArray("files");
        for (JsonNode file : question.path("files")) {
            String path = file.path("path").asText();
            ServedFile known = commit == null ? null : repo.files(commit).get(path);
            boolean large = ServedRepo.isLarge(path, file.path("size").asLong());
            ObjectNode entry = files.addObject();
            entry.put("path", path);
            entry.put("uploadMode", large ? "lfs" : "regular");
            entry.put("shouldIgnore", false);
            entry.put("oid", known == null ? null : ServedRepo.digest(path, known));
        }
        json(exchange, 200, answer);
    }

    private void batch(HttpExchange exchange, @Nullable String token) throws IOException {
        if (token == null) {
            refuse(exchange, 401, null, "Authorization error.");
            return;
        }
        JsonNode question = HubApi.JSON.readTree(exchange.getRequestBody().readAllBytes());
        ObjectNode answer = HubApi.JSON.createObjectNode();
        answer.put("transfer", partBytes > 0 ? "multipart" : "basic");
        ArrayNode objects = answer.putArray("objects");
        for (JsonNode object : question.path("objects")) {
            String oid = object.path("oid").asText();
            long size = object.path("size").asLong();
            ObjectNode entry = objects.addObject().put("oid", oid).put("size", size);
            if (stored.containsKey(oid)) {
                continue;
            }
            ObjectNode actions = entry.putObject("actions");
            ObjectNode upload = actions.putObject("upload");
            if (partBytes > 0) {
                upload.put("href", endpoint() + "/complete/" + oid);
                ObjectNode header = upload.putObject("header").put("chunk_size", String.valueOf(partBytes));
                for (int part = 1; part <= (size + partBytes - 1) / partBytes; part++) {
                    header.put(String.format("%05d", part), address(store) + "/upload/" + oid + "/" + part);
                }
            } else {
                upload.put("href", address(store) + "/upload/" + oid);
            }
            actions.putObject("verify").put("href", endpoint() + "/verify/" + oid);
        }
        json(exchange, 200, answer);
    }

    private void complete(HttpExchange exchange, List<String> steps, @Nullable String token) throws IOException {
        JsonNode said = HubApi.JSON.readTree(exchange.getRequestBody().readAllBytes());
        String oid = steps.get(1);
        if (steps.get(0).equals("complete")) {
            java.io.ByteArrayOutputStream whole = new java.io.ByteArrayOutputStream();
            parts.get(oid).values().forEach(whole::writeBytes);
            if (said.path("parts").size() != parts.get(oid).size()) {
                refuse(exchange, 400, null, "parts are missing");
                return;
            }
            stored.put(oid, new ServedFile.InMemory(whole.toByteArray()));
        }
        ServedFile content = stored.get(oid);
        boolean whole = content != null && content.sha256().equals(oid);
        json(exchange, token != null && whole ? 200 : 400, HubApi.JSON.createObjectNode());
    }

    private void commit(HttpExchange exchange, ServedRepo repo, String branch) throws IOException {
        Map<String, ServedFile> changed = new LinkedHashMap<>();
        String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        for (String line : text.lines().toList()) {
            JsonNode value = HubApi.JSON.readTree(line).path("value");
            String path = value.path("path").asText();
            switch (HubApi.JSON.readTree(line).path("key").asText()) {
                case "file" ->
                    changed.put(
                            path,
                            new ServedFile.InMemory(Base64.getDecoder()
                                    .decode(value.path("content").asText())));
                case "lfsFile" -> changed.put(path, stored.get(value.path("oid").asText()));
                default -> {}
            }
        }
        String commit = repo.add(branch, changed);
        ObjectNode answer = HubApi.JSON.createObjectNode();
        answer.put("commitUrl", endpoint() + "/" + repo.name + "/commit/" + commit);
        answer.put("commitOid", commit);
        json(exchange, 200, answer);
    }

    static void refuse(HttpExchange exchange, int status, @Nullable String code, String message) throws IOException {
        if (code != null) {
            exchange.getResponseHeaders().set("X-Error-Code", code);
        }
        exchange.getResponseHeaders().set("X-Error-Message", message);
        json(exchange, status, HubApi.JSON.createObjectNode().put("error", message));
    }

    private static void json(HttpExchange exchange, int status, JsonNode content) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        byte[] bytes = HubApi.JSON.writeValueAsBytes(content);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }

    /**
     * Serves folders until standard input ends: {@code FOLDER} holds {@code OWNER/NAME} for models and {@code
     * datasets/OWNER/NAME} for data sets, and may be links. Prints the address. Whoever says the token {@code hf_test}
     * may write. Files are read from the disk as they are asked for, so they may be larger than memory.
     */
    public static void main(String[] arguments) throws IOException {
        try (HubServer server = start()) {
            server.admit("hf_test");
            Path root = Path.of(arguments[0]);
            List<Path> files;
            try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
                files = walk.filter(Files::isRegularFile).toList();
            }
            Map<String, Map<String, ServedFile>> repos = new TreeMap<>();
            for (Path file : files) {
                Path relative = root.relativize(file);
                int steps = relative.startsWith("datasets") ? 3 : 2;
                repos.computeIfAbsent(relative.subpath(0, steps).toString(), name -> new TreeMap<>())
                        .put(relative.subpath(steps, relative.getNameCount()).toString(), new ServedFile.OnDisk(file));
            }
            repos.forEach((name, content) -> server.repo(name).add("main", content));
            System.out.println(server.endpoint());
            System.in.readAllBytes();
        }
    }
}
