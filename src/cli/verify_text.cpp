#include "cli/places.h"

namespace lockstep::cli {
namespace verify_text {
namespace {

std::string text_of(const Places& places, const Look& look) {
  std::string text;
  for (const Place& place : places) text += (text.empty() ? "" : "\n") + place_text(place, look.colour);
  return text;
}

}  // namespace
}  // namespace verify_text

constinit const Renderer<Places> kVerifyText{.format = "text", .text = verify_text::text_of};

}  // namespace lockstep::cli
