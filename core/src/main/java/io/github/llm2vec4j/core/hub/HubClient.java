package io.github.llm2vec4j.core.hub;

import io.github.llm2vec4j.core.checkpoint.BadCheckpointException;
import io.github.llm2vec4j.core.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models and data sets of a hub that speaks as huggingface.co does, by way of a cache that is shared with the Python
 * package huggingface_hub.
 */
public final class HubClient {
    private static final Logger LOG = LoggerFactory.getLogger(HubClient.class);

    /** Where the hub keeps the Parquet files that it makes of a data set. */
    private static final String CONVERTED = "refs/convert/parquet";

    private final HubSettings settings;
    private final HubProgress progress;
    private final HubHttp http;
    private final HubApi api;

    public HubClient(HubSettings settings, HubProgress progress) {
        this.settings = settings;
        this.progress = progress;
        this.http = new HubHttp(settings);
        this.api = new HubApi(http);
    }

    /** With progress in the log. */
    public HubClient(HubSettings settings) {
        this(settings, new LoggedProgress());
    }

    /**
     * The folder of a snapshot with the files that are of use here; those that are not in the cache are fetched. Where
     * the hub does not answer, or refuses, what the cache has is taken if it is whole. Of a data set that has no data of
     * its own in a form that is read here, the hub's Parquet files are taken.
     *
     * @throws HubException if it is not to be had
     */
    public Path pull(HubId id) {
        if (id.kind() == HubId.Kind.MODEL) {
            return some(id, pull(id, NeededFiles::ofModel));
        }
        Path own = isConvertedAlone(id) ? null : pull(id, NeededFiles::ofDataSet);
        if (own != null || !id.revision().equals(HubId.MAIN)) {
            return some(id, own);
        }
        HubId converted = id.at(CONVERTED);
        if (!settings.offline() && api.parquet(id).isEmpty()) {
            return some(id, null);
        }
        return some(converted, pull(converted, NeededFiles::ofDataSet));
    }

    /** Whether there is no network, and an earlier pull has left only what the hub has made of a data set. */
    private boolean isConvertedAlone(HubId id) {
        CachedRepo repo = new CachedRepo(settings.cache(), id);
        try {
            return settings.offline() && repo.commit(id.revision()) == null && repo.commit(CONVERTED) != null;
        } catch (IOException e) {
            throw failure(id, e);
        }
    }

    /**
     * The same with the files that one of some patterns allows: a star stands for a part of a name, two for any path.
     * Pickle files and programs are never among them.
     */
    public Path pull(HubId id, List<String> patterns) {
        return some(id, pull(id, files -> files.like(patterns)));
    }

    /**
     * The files of a repository, to be read without being fetched as a whole. Where the hub does not answer or refuses,
     * they are those that it listed last, of which is there what was read.
     *
     * @throws HubException if it is not to be had
     */
    public RemoteRepo browse(HubId id) {
        CachedRepo repo = new CachedRepo(settings.cache(), id);
        try {
            RemoteRepo remembered = RemoteRepo.remembered(id, repo, api, http);
            if (!settings.offline()) {
                try {
                    return RemoteRepo.ask(id, repo, api, http, remembered == null);
                } catch (HubException e) {
                    if (remembered == null) {
                        throw e;
                    }
                    LOG.warn("{}; using what is in the cache of {}", e.getMessage(), remembered.commit());
                }
            }
            if (remembered == null) {
                throw new HubException(
                        Kind.OFFLINE,
                        id + ": nothing of it is in the cache " + settings.cache()
                                + ", and HF_HUB_OFFLINE forbids to ask the hub: unset it");
            }
            return remembered;
        } catch (IOException e) {
            throw failure(id, e);
        }
    }

    /** The Parquet files that the hub has made of a data set: how many for each configuration and split. */
    public Map<String, Map<String, Integer>> parquet(HubId id) {
        refuseOffline(id);
        return api.parquet(id);
    }

    /**
     * Uploads a model folder in one commit, and makes the repository where there is none.
     *
     * @param hidden whether a new repository is for its owner alone
     * @return the address of the commit, or of the repository where nothing had changed
     */
    public String push(Path folder, HubId id, boolean hidden) {
        refuseOffline(id);
        try {
            return new HubPush(id, folder, api, http, progress).run(hidden);
        } catch (IOException e) {
            throw failure(id, e);
        }
    }

    private void refuseOffline(HubId id) {
        if (settings.offline()) {
            throw new HubException(Kind.OFFLINE, id + ": needs the network, and HF_HUB_OFFLINE forbids it: unset it");
        }
    }

    private static Path some(HubId id, @Nullable Path folder) {
        if (folder == null) {
            throw new HubException(Kind.UNUSABLE, id + ": holds nothing that is read here");
        }
        return folder;
    }

    /** The folder of a snapshot, or null where nothing in it is wanted. */
    private @Nullable Path pull(HubId id, FileChoice choice) {
        CachedRepo repo = new CachedRepo(settings.cache(), id);
        try {
            CachedSnapshot cached = new CachedSnapshot(id, repo);
            if (settings.offline()) {
                return cached.folder(choice);
            }
            Path whole = folderOrNull(cached, choice);
            SnapshotDownload download;
            String commit;
            try {
                boolean patient = whole == null;
                commit = HubId.isCommit(id.revision()) ? id.revision() : api.commit(id, patient);
                download = new SnapshotDownload(id, commit, api.files(id, commit, patient), repo, api, http, progress);
            } catch (HubException e) {
                if (whole == null) {
                    throw e;
                }
                LOG.warn("{}; using what is in the cache: {}", e.getMessage(), whole);
                return whole;
            }
            Set<String> chosen = choice.of(new NeededFiles(id, download.paths(), download::json));
            if (chosen.isEmpty()) {
                return null;
            }
            download.fetch(chosen);
            repo.remember(id.revision(), commit);
            return repo.snapshot(commit);
        } catch (IOException e) {
            throw failure(id, e);
        }
    }

    private static @Nullable Path folderOrNull(CachedSnapshot cached, FileChoice choice) throws IOException {
        try {
            return cached.folder(choice);
        } catch (HubException | BadCheckpointException e) {
            return null;
        }
    }

    private HubException failure(HubId id, IOException e) {
        return new HubErrors(settings).withDisk(id, e);
    }
}
