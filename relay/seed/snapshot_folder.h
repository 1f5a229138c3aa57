#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "relay/base/file.h"
#include "relay/base/result.h"

namespace relay::seed {

// The folder of one snapshot. While it is being made a file "unfinished" stands in it, locked; it is a snapshot once it
// has a manifest.
class SnapshotFolder {
 public:
  // Makes the folder, or takes one that is empty, or one whose snapshot was never finished.
  // Errors: configuration, for a folder that holds a snapshot or anything else; io, also where another run has it.
  [[nodiscard]] static base::Result<SnapshotFolder> prepare(base::FileSystem& files, const std::string& directory);

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] base::FileSystem& files() const { return *files_; }
  // Removes all files of the snapshot but the journal and these.
  [[nodiscard]] base::Result<void> keep_only(const std::set<std::string>& kept);
  // Writes a small file whole and durably.
  [[nodiscard]] base::Result<void> put(std::string_view name, std::string_view text);
  // The last file, which makes a snapshot of the folder.
  [[nodiscard]] base::Result<void> finish(std::string_view manifest);

 private:
  SnapshotFolder(base::FileSystem& files, std::string directory) : files_(&files), directory_(std::move(directory)) {}
  [[nodiscard]] std::string path(std::string_view name) const { return directory_ + '/' + std::string(name); }

  base::FileSystem* files_;
  std::string directory_;
  std::unique_ptr<base::File> lock_;
};

}  // namespace relay::seed
