#include "reconciler/copy_ahead.h"

#include <exception>
#include <utility>

namespace lockstep::reconciler {

void CopyAhead::begin(const elaborator::Foreseen& foreseen) {
  closure_ = closure_of(live_.catalog, declared_.catalog, foreseen.differing, foreseen.mentioned);
  if (live_.extensions) live_.extensions();  // read from the target, whose session is for one thread
  copy_ = std::async(std::launch::async,
                     [this] { return elaborator::make_copy(closure_.catalog, declared_.catalog, live_, options_); });
}

std::optional<CopyAhead::Made> CopyAhead::take(const Closure& wanted, const catalog::Catalog& desired) {
  if (!copy_.valid()) return std::nullopt;
  if (!contains(closure_, wanted)) {
    forget();
    return std::nullopt;
  }
  try {
    elaborator::Copy copy = copy_.get();
    elaborator::note_untried(copy, closure_.catalog, desired);
    return Made{.closure = std::move(closure_), .copy = std::move(copy)};
  } catch (const std::exception&) {  // the caller makes one itself, and meets the same error
    return std::nullopt;
  }
}

void CopyAhead::forget() {
  if (copy_.valid()) copy_.wait();
  copy_ = {};
}

}  // namespace lockstep::reconciler
