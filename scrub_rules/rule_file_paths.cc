#include "scrub_rules/rule_file_paths.h"

#include <algorithm>
#include <filesystem>

#include "relay/base/file.h"
#include "scrub_rules/name_pattern.h"

namespace relay::scrub_rules {

namespace {

namespace fs = std::filesystem;

base::Problem about_pattern(const std::string& pattern, std::string what, std::string remedy) {
  base::Problem problem;
  problem.key = "rules.files";
  problem.what = base::Subject(pattern).text() + ": " + std::move(what);
  problem.remedy = std::move(remedy);
  return problem;
}

}  // namespace

std::vector<std::string> expand_file_pattern(const std::string& pattern, const std::string& base_directory,
                                             base::Problems& problems) {
  const fs::path path = fs::path(base_directory) / pattern;
  const std::string name = path.filename().string();
  if (has_wildcard(path.parent_path().string())) {
    problems.push_back(about_pattern(pattern, "a wildcard stands in the directory",
                                     "write * and ? in the file name alone, and one entry for each directory"));
    return {};
  }
  base::FileSystem& files = base::posix_file_system();
  if (!has_wildcard(name)) {
    const base::Result<bool> exists = files.exists(path.string());
    if (exists && *exists) return {path.lexically_normal().string()};
    problems.push_back(about_pattern(pattern, "there is no such rule file", "correct the path or write the file"));
    return {};
  }
  std::vector<std::string> found;
  const std::string directory = path.parent_path().empty() ? "." : path.parent_path().string();
  const base::Result<std::vector<std::string>> names = files.list(directory);
  if (!names) {
    problems.push_back(about_pattern(pattern, "the directory cannot be read", "correct the path or its permissions"));
    return {};
  }
  for (const std::string& entry : *names) {
    if (entry.starts_with('.') && !name.starts_with('.')) continue;
    if (!name_matches(name, entry, false)) continue;
    found.push_back((fs::path(directory) / entry).lexically_normal().string());
  }
  std::ranges::sort(found);
  if (found.empty()) {
    problems.push_back(about_pattern(pattern, "no rule file has such a name", "correct the pattern or write the file"));
  }
  return found;
}

}  // namespace relay::scrub_rules
