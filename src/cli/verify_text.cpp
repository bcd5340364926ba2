#include "cli/places.h"

namespace lockstep::cli {
namespace {

std::string text_of(const Places& places, const Look& look) {
  std::string text;
  for (const Place& place : places) text += (text.empty() ? "" : "\n") + place_text(place, look.colour);
  return text;
}

}  // namespace

constinit const Renderer<Places> kVerifyText{.format = "text", .text = text_of};

}  // namespace lockstep::cli
