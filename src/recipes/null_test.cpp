#include "recipes/null_test.h"

namespace lockstep::recipes {
namespace {

bool may_be_a_row(const std::string& type) {
  return type.find('.') != std::string::npos || type == "record";
}

}  // namespace

std::string is_null(const std::string& value, const std::string& type) {
  return value + (may_be_a_row(type) ? " IS NOT DISTINCT FROM NULL" : " IS NULL");
}

std::string is_not_null(const std::string& value, const std::string& type) {
  return value + (may_be_a_row(type) ? " IS DISTINCT FROM NULL" : " IS NOT NULL");
}

}  // namespace lockstep::recipes
