#include "cli/progress.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "cli/text.h"
#include "support/visible.h"

namespace lockstep::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using support::visible;

constexpr milliseconds kRedraw{100};   // of the terminal's line
constexpr milliseconds kRepeat{5000};  // of a plain progress line

std::string rate_text(const executor::Progress& progress) {
  std::string text = amount(progress.done);
  if (progress.total > 0) text += " of " + amount(progress.total);
  text += " " + progress.unit;
  if (progress.per_second >= 1) {
    text += fmt::format(", {}/s", amount(static_cast<std::int64_t>(progress.per_second)));
    if (progress.total > progress.done)
      text += ", ETA " + duration_text(milliseconds(static_cast<std::int64_t>(
                             1000.0 * static_cast<double>(progress.total - progress.done) / progress.per_second)));
  }
  return text;
}

std::string bar(const executor::Progress& progress) {
  constexpr std::size_t kCells = 20;
  if (progress.total <= 0) return std::string(kCells, ' ');
  const double share = std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
  const auto filled = static_cast<std::size_t>(share * kCells);
  return std::string(filled, '#') + std::string(kCells - filled, '.');
}

class ProgressView : public executor::Output {
 public:
  explicit ProgressView(const Console& console) : console_(console) {}
  ~ProgressView() override { clear(); }

  void run_started(std::size_t steps, const std::string& run_id, bool resumed) override {
    const std::lock_guard guard(mutex_);
    steps_ = steps;
    say(fmt::format("{} run {}: {}", resumed ? "resuming" : "starting", run_id, plural(steps, "step")));
  }
  void step_started(const plan::Step& step, std::size_t position) override {
    const std::lock_guard guard(mutex_);
    position_ = position;
    if (console_.live_progress) {
      draw(label(step), true);
    } else {
      spdlog::debug("{} {}", step.id, visible(step.title));
    }
  }
  void step_progress(const plan::Step& step, const executor::Progress& progress) override {
    const std::lock_guard guard(mutex_);
    if (console_.live_progress) {
      draw(fmt::format("{}/{} {} [{}] {}  {}", position_ + 1, steps_, step.id, bar(progress), rate_text(progress),
                       visible(step.title)),
           false);
    } else if (due(last_, kRepeat)) {
      say(fmt::format("{} {}: {}", step.id, visible(step.title), rate_text(progress)));
    }
  }
  void step_waiting(const plan::Step& step, const std::string& blockers, milliseconds waited) override {
    const std::lock_guard guard(mutex_);
    const std::string text = waited.count() > 0
                                 ? fmt::format("{} waits {} for {}", step.id, duration_text(waited), visible(blockers))
                                 : fmt::format("{} waits: {}", step.id, visible(blockers));
    if (console_.live_progress) {
      draw(text, true);
    } else if (due(last_wait_, kRepeat)) {  // the first one at once
      say(text);
    }
  }
  void step_done(const plan::Step& step, std::size_t /*position*/, milliseconds took) override {
    const std::lock_guard guard(mutex_);
    say(fmt::format("{} {}  {}  {}", paint(console_.colour_err, Style::green, "done"), step.id, visible(step.title),
                    duration_text(took)));
  }
  void backed_up(const std::string& object, std::int64_t rows, std::int64_t bytes, const std::string& file) override {
    const std::lock_guard guard(mutex_);
    say(fmt::format("saved {}: {} rows, {} in {}", visible(object), amount(rows), bytes_text(bytes), file));
  }
  void message(const std::string& line) override {
    const std::lock_guard guard(mutex_);
    say(line);
  }

 private:
  std::string label(const plan::Step& step) const {
    return fmt::format("{}/{} {} {}", position_ + 1, steps_, step.id, visible(step.title));
  }
  static bool due(steady_clock::time_point& last, milliseconds pause) {
    const auto now = steady_clock::now();
    if (now - last < pause) return false;
    last = now;
    return true;
  }
  void clear() {
    if (!drawn_) return;
    console_.redraw("");
    drawn_ = false;
  }
  void draw(const std::string& text, bool now) {
    if (console_.quiet || (!due(last_, kRedraw) && !now)) return;
    console_.redraw(cut(text, console_.width - 1));
    drawn_ = true;
  }
  void say(const std::string& text) {
    clear();
    if (!console_.quiet) spdlog::info("{}", text);
  }

  const Console& console_;
  std::mutex mutex_;
  std::size_t steps_ = 0, position_ = 0;
  bool drawn_ = false;
  steady_clock::time_point last_{}, last_wait_{};  // when something was shown
};

}  // namespace

std::unique_ptr<executor::Output> make_progress(const Console& console) {
  return std::make_unique<ProgressView>(console);
}

}  // namespace lockstep::cli
