#include "relay/binlog/gtid_set.h"

#include <fmt/format.h>

#include <algorithm>

namespace relay::binlog {

void MysqlGtidSet::unite(Intervals& intervals) {
  std::ranges::sort(intervals, {}, &Interval::first);
  std::size_t last = 0;
  for (std::size_t i = 1; i < intervals.size(); ++i) {
    if (intervals[i].first <= intervals[last].end) {
      intervals[last].end = std::max(intervals[last].end, intervals[i].end);
    } else {
      intervals[++last] = intervals[i];
    }
  }
  if (!intervals.empty()) intervals.resize(last + 1);
}

MysqlGtidSet::Intervals MysqlGtidSet::difference(const Intervals& from, const Intervals& what) {
  Intervals left;
  auto hole = what.begin();
  for (Interval rest : from) {
    while (hole != what.end() && hole->end <= rest.first) ++hole;
    for (auto next = hole; next != what.end() && next->first < rest.end; ++next) {
      if (rest.first < next->first) left.push_back({rest.first, next->first});
      rest.first = std::max(rest.first, std::min(next->end, rest.end));
    }
    if (rest.first < rest.end) left.push_back(rest);
  }
  return left;
}

void MysqlGtidSet::add(const MysqlGtid& gtid) {
  Intervals& intervals = intervals_[{gtid.uuid, gtid.tag}];
  const auto after = std::ranges::upper_bound(intervals, gtid.number, {}, &Interval::first);
  const auto before = after == intervals.begin() ? intervals.end() : after - 1;
  if (before != intervals.end() && gtid.number < before->end) return;
  const bool joins_before = before != intervals.end() && before->end == gtid.number;
  const bool joins_after = after != intervals.end() && after->first == gtid.number + 1;
  if (joins_before && joins_after) {
    before->end = after->end;
    intervals.erase(after);
  } else if (joins_before) {
    ++before->end;
  } else if (joins_after) {
    --after->first;
  } else {
    intervals.insert(after, {gtid.number, gtid.number + 1});
  }
}

void MysqlGtidSet::add(const MysqlGtidSet& other) {
  for (const auto& [source, added] : other.intervals_) {
    Intervals& intervals = intervals_[source];
    const Intervals copy = added;  // `other` may be this set
    intervals.insert(intervals.end(), copy.begin(), copy.end());
    unite(intervals);
  }
}

void MysqlGtidSet::subtract(const MysqlGtidSet& other) {
  for (auto entry = intervals_.begin(); entry != intervals_.end();) {
    const auto found = other.intervals_.find(entry->first);
    if (found != other.intervals_.end()) entry->second = difference(entry->second, found->second);
    entry = entry->second.empty() ? intervals_.erase(entry) : std::next(entry);
  }
}

bool MysqlGtidSet::contains(const MysqlGtid& gtid) const {
  const auto found = intervals_.find({gtid.uuid, gtid.tag});
  if (found == intervals_.end()) return false;
  const auto after = std::ranges::upper_bound(found->second, gtid.number, {}, &Interval::first);
  return after != found->second.begin() && gtid.number < (after - 1)->end;
}

bool MysqlGtidSet::contains(const MysqlGtidSet& other) const {
  return std::ranges::all_of(other.intervals_, [this](const auto& entry) {
    const auto found = intervals_.find(entry.first);
    return found != intervals_.end() && difference(entry.second, found->second).empty();
  });
}

bool MysqlGtidSet::has_tags() const {
  return std::ranges::any_of(intervals_, [](const auto& entry) { return !entry.first.second.empty(); });
}

std::string MysqlGtidSet::text() const {
  std::string text;
  const Uuid* previous = nullptr;
  for (const auto& [source, intervals] : intervals_) {
    const auto& [uuid, tag] = source;
    if (previous == nullptr || *previous != uuid) {
      if (previous != nullptr) text += ',';
      text += uuid_text(uuid);
      previous = &uuid;
    }
    if (!tag.empty()) text += ":" + tag;
    for (const Interval& interval : intervals) {
      text += fmt::format(":{}", interval.first);
      if (interval.end - interval.first > 1) text += fmt::format("-{}", interval.end - 1);
    }
  }
  return text;
}

}  // namespace relay::binlog
