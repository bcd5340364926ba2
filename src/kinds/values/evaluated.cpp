#include "kinds/values/evaluated.h"

namespace lockstep::kinds {

bool is_routine(const KindSpec& kind) {
  return kind.grant_keyword == "FUNCTION" || kind.grant_keyword == "PROCEDURE";
}

bool is_type(const KindSpec& kind) {
  return kind.grant_keyword == "TYPE" || kind.grant_keyword == "DOMAIN";
}

}  // namespace lockstep::kinds
