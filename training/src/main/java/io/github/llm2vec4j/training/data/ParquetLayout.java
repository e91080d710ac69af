package io.github.llm2vec4j.training.data;

import io.github.llm2vec4j.core.hub.RemoteFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Where the groups of rows of a Parquet file and their columns stand, as its footer says. */
record ParquetLayout(List<Group> groups) {
    /** Length of the footer and the magic word behind it, bytes. */
    private static final int TAIL_BYTES = 8;

    private static final String MAGIC = "PAR1";

    /** Of a file that is read on and on, what is fetched at once at most, in bytes. */
    private static final long MOST_FETCHED = 16 << 20;

    /** The bytes of a column in a group; {@code path} has its outermost name first. */
    record Chunk(String path, long from, long to) {
        boolean isOf(Collection<String> columns) {
            return columns.stream().anyMatch(name -> path.equals(name) || path.startsWith(name + ", "));
        }
    }

    record Group(long rows, List<Chunk> chunks) {}

    /**
     * Fetches the end of a file, which says where everything is.
     *
     * @throws BadDataException if it does not end as a Parquet file does
     */
    static void fetchFooter(RemoteFile file) {
        long size = file.size();
        file.fetch(Math.max(0, size - TAIL_BYTES), size);
        ByteBuffer tail = ByteBuffer.allocate(TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file.local())) {
            while (tail.hasRemaining() && channel.read(tail, size - TAIL_BYTES + tail.position()) > 0) {}
        } catch (IOException | IllegalArgumentException e) {
            throw new BadDataException(file + ": cannot be read: " + e.getMessage());
        }
        long footer = tail.getInt(0);
        if (!new String(tail.array(), 4, 4, StandardCharsets.US_ASCII).equals(MAGIC) || footer < 0 || footer > size) {
            throw new BadDataException(file + ": does not end as a Parquet file does");
        }
        file.fetch(Math.max(0, size - TAIL_BYTES - footer), size);
    }

    /** Reads the footer. */
    static ParquetLayout read(Statement statement, Path file) throws SQLException {
        List<Group> groups = new ArrayList<>();
        try (ResultSet chunks = statement.executeQuery(
                "SELECT row_group_id, row_group_num_rows, path_in_schema, total_compressed_size, data_page_offset,"
                        + " dictionary_page_offset FROM parquet_metadata(" + DuckDb.text(file.toString())
                        + ") ORDER BY row_group_id")) {
            while (chunks.next()) {
                if (chunks.getLong(1) == groups.size()) {
                    groups.add(new Group(chunks.getLong(2), new ArrayList<>()));
                }
                long data = chunks.getLong(5);
                long dictionary = chunks.getLong(6); // 0 where there is none
                long from = dictionary > 0 ? Math.min(dictionary, data) : data;
                groups.get(groups.size() - 1)
                        .chunks()
                        .add(new Chunk(chunks.getString(3), from, from + chunks.getLong(4)));
            }
        }
        return new ParquetLayout(groups);
    }

    /** The number of the first row of a group. */
    long firstRow(int group) {
        return groups.subList(0, group).stream().mapToLong(Group::rows).sum();
    }

    /**
     * Fetches columns of the group, and of the next ones until as much is there as was before it.
     *
     * @return the first group that was not fetched
     */
    int fetch(RemoteFile file, int first, Collection<String> columns) {
        long before = groups.subList(0, first).stream()
                .mapToLong(group -> bytes(group, columns))
                .sum();
        long bytes = 0;
        int end = first;
        do {
            for (Chunk chunk : groups.get(end).chunks()) {
                if (chunk.isOf(columns)) {
                    if (chunk.from() < 0 || chunk.to() < chunk.from() || chunk.to() > file.size()) {
                        throw new BadDataException(file + ": its footer names bytes that it does not have");
                    }
                    file.fetch(chunk.from(), chunk.to());
                    bytes += chunk.to() - chunk.from();
                }
            }
            end++;
        } while (end < groups.size() && bytes + bytes(groups.get(end), columns) <= Math.min(before, MOST_FETCHED));
        return end;
    }

    private static long bytes(Group group, Collection<String> columns) {
        return group.chunks().stream()
                .filter(chunk -> chunk.isOf(columns))
                .mapToLong(chunk -> chunk.to() - chunk.from())
                .sum();
    }
}
