#include "relay/seed/snapshot_folder.h"

#include <algorithm>
#include <vector>

#include "relay/base/log.h"
#include "relay/seed/snapshot_names.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Whether a snapshot may be made in a folder that holds these.
Result<void> judge(const std::string& directory, const std::vector<std::string>& names) {
  if (has(names, kManifestFile)) {
    return base::fail(Error(ErrorKind::configuration, "the folder holds a snapshot")
                          .about(directory)
                          .remedy("give another one, or remove it"));
  }
  const bool unfinished = has(names, kUnfinishedFile);
  for (const std::string& name : names) {
    if (unfinished && is_snapshot_file(name)) continue;
    return base::fail(Error(ErrorKind::configuration, "the folder is not empty, and holds what is no snapshot's")
                          .about(directory + '/' + name)
                          .remedy("give an empty folder, or one that is not there yet"));
  }
  return {};
}

}  // namespace

Result<SnapshotFolder> SnapshotFolder::prepare(base::FileSystem& files, const std::string& directory) {
  RELAY_ASSIGN(const bool there, files.exists(directory));
  if (!there) RELAY_TRY(files.create_directory(directory));
  // Before the lock, so that nothing is left in a stranger's folder.
  RELAY_ASSIGN(std::vector<std::string> names, files.list(directory));
  RELAY_TRY(judge(directory, names));
  const bool unfinished = has(names, kUnfinishedFile);

  SnapshotFolder folder(files, directory);
  RELAY_ASSIGN(folder.lock_, files.lock(folder.path(kUnfinishedFile)));
  // What counts: another run may have finished since.
  RELAY_ASSIGN(names, files.list(directory));
  if (const Result<void> still = judge(directory, names); !still) {
    if (!unfinished) RELAY_TRY(files.remove(folder.path(kUnfinishedFile)));
    return base::fail(still.error());
  }
  if (unfinished) {
    base::log(base::LogLevel::info, "{} holds a snapshot that was not finished: it goes on",
              base::Subject(directory).text());
  }
  return folder;
}

Result<void> SnapshotFolder::keep_only(const std::set<std::string>& kept) {
  RELAY_ASSIGN(const std::vector<std::string> names, files_->list(directory_));
  for (const std::string& name : names) {
    if (name == kUnfinishedFile || name == kJournalFile || kept.contains(name)) continue;
    if (is_snapshot_file(name)) RELAY_TRY(files_->remove(path(name)));
  }
  return files_->sync_directory(directory_);
}

Result<void> SnapshotFolder::put(std::string_view name, std::string_view text) {
  return base::replace_file(*files_, path(name), base::ByteView::of(text));
}

Result<void> SnapshotFolder::finish(std::string_view manifest) {
  RELAY_TRY(put(kManifestFile, manifest));
  RELAY_ASSIGN(const bool journal, files_->exists(path(kJournalFile)));
  if (journal) RELAY_TRY(files_->remove(path(kJournalFile)));
  RELAY_TRY(files_->remove(path(kUnfinishedFile)));
  return files_->sync_directory(directory_);
}

}  // namespace relay::seed
