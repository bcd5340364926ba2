#include "plan/estimate.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/step.h"

namespace lockstep::plan {

namespace {

// What a probe of a few milliseconds can't see: tables that are not in memory, the traffic beside, checkpoints, replicas. The
// figures here and below are from docs/adr/0037.
constexpr double kLuck = 0.5, kTrouble = 2.5;
constexpr double kBytesOfARow = 100;                             // where nothing better is known
constexpr double kNarrowestEntry = 25, kUsualWidestEntry = 100;  // bytes of an index that isn't there yet, a row

std::int64_t whole(double value) {
  return static_cast<std::int64_t>(std::llround(value));
}

struct Work {
  double least = 0, most = 0;  // seconds
  double disk = 0, wal = 0;
};

Work between(double seconds, double disk, double wal) {
  return {kLuck * seconds, kTrouble * seconds, disk, wal};
}

// Every row gets a new version, and as a rule an entry in each index; a page that is changed the first time after a checkpoint is
// logged as a whole, which concerns the same page of an index again and again.
Work updates(double bytes, double rows, double indexes, const Speeds& speeds) {
  return between(rows / speeds.update + bytes / speeds.copy, bytes + indexes, 3 * bytes + 6 * indexes);
}
// The old files are removed at the end.
Work rewrite(double bytes, double indexes, const Speeds& speeds) {
  return between(bytes / speeds.copy + indexes / speeds.index, bytes + indexes, 1.25 * (bytes + indexes));
}
// Sorting needs as much again.
Work build(double bytes, double rows, bool beside, const Speeds& speeds) {
  const double reading = (beside ? 2 : 1) * bytes / speeds.read;
  const double most = std::min(bytes, rows * kUsualWidestEntry), least = std::min(most, rows * kNarrowestEntry);
  return {kLuck * (reading + least / speeds.index), kTrouble * (reading + most / speeds.index), 2 * most, most};
}
Work read(double bytes, bool saves, const Speeds& speeds) {
  return between(bytes / (saves ? speeds.copy : speeds.read), 0, 0);
}

// A probe is no finer, and two plans of the same change should have the same text.
struct Mark {
  double seconds;
  const char* words;
};
constexpr std::array<Mark, 15> kMarks{{{1, "1 s"},
                                       {2, "2 s"},
                                       {5, "5 s"},
                                       {10, "10 s"},
                                       {20, "20 s"},
                                       {40, "40 s"},
                                       {60, "1 min"},
                                       {120, "2 min"},
                                       {300, "5 min"},
                                       {600, "10 min"},
                                       {1200, "20 min"},
                                       {2400, "40 min"},
                                       {3600, "1 h"},
                                       {7200, "2 h"},
                                       {18000, "5 h"}}};

std::string words_of(std::int64_t seconds) {
  const auto value = static_cast<double>(std::max<std::int64_t>(1, seconds));
  const auto distance = [&](const Mark& mark) { return std::abs(std::log(value / mark.seconds)); };
  const Mark& nearest =
      *std::min_element(kMarks.begin(), kMarks.end(), [&](const Mark& a, const Mark& b) { return distance(a) < distance(b); });
  constexpr double kHour = 3600, kSeveral = 7;
  return value < kSeveral * kHour ? nearest.words : std::to_string(whole(value / kHour)) + " h";
}

}  // namespace

bool is_long(const Step& step) {
  const bool works = step.rewrites || step.scans || step.builds || step.mode == TransactionMode::batches;
  return works && step.bytes >= kLarge;
}

Estimate estimated(const Step& step, const Bulk& bulk, const Speeds& speeds) {
  const auto bytes = static_cast<double>(bulk.bytes);
  const double rows = bulk.rows > 0 ? static_cast<double>(bulk.rows) : bytes / kBytesOfARow;
  const auto indexes = static_cast<double>(bulk.indexes);
  const Work work = step.mode == TransactionMode::batches ? updates(bytes, rows, indexes, speeds)
                    : step.rewrites                       ? rewrite(bytes, indexes, speeds)
                    : step.builds                         ? build(bytes, rows, step.mode == TransactionMode::outside, speeds)
                                                          : read(bytes, !step.losses.empty(), speeds);
  const std::int64_t least = std::max<std::int64_t>(1, whole(work.least));
  return {least, std::max(least, whole(work.most)), whole(work.disk), whole(work.wal)};
}

std::string duration_words(const Estimate& estimate) {
  const std::string least = words_of(estimate.least), most = words_of(estimate.most);
  return "about " + (least == most ? least : least + " to " + most);
}

std::string estimate_words(const Estimate& estimate) {
  std::string words = duration_words(estimate);
  if (estimate.disk > 0) words += "; up to " + size_text(estimate.disk) + " of disk";
  if (estimate.wal > 0) words += ", " + size_text(estimate.wal) + " of WAL";
  return words;
}

}  // namespace lockstep::plan
