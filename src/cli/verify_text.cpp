#include "cli/places.h"

namespace lockstep::cli {
namespace verify_text {
namespace {

// "none" of drift means less than it seems to.
std::string uncompared(const fleet::Status& status) {
  if (!status.drift_known) return "";
  return status.every_privilege
             ? "unstated   not compared: owners that no file states\n"
             : "unstated   not compared: owners that no file states; privileges, comments and labels of objects of "
               "which no file states any\n";
}

std::string text_of(const Places& places, const Look& look) {
  std::string text;
  for (const Place& place : places)
    text += (text.empty() ? "" : "\n") + place_text(place, look.colour) + uncompared(place.status);
  return text;
}

}  // namespace
}  // namespace verify_text

constinit const Renderer<Places> kVerifyText{.format = "text", .text = verify_text::text_of};

}  // namespace lockstep::cli
