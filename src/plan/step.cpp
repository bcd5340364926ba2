#include "plan/step.h"

namespace lockstep::plan {

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::expand:
      return "expand";
    case Phase::migrate:
      return "migrate";
    case Phase::contract:
      return "contract";
  }
  return "";
}

std::string_view to_string(TransactionMode mode) {
  switch (mode) {
    case TransactionMode::inside:
      return "inside";
    case TransactionMode::outside:
      return "outside";
    case TransactionMode::batches:
      return "batches";
  }
  return "";
}

}  // namespace lockstep::plan
