// Puts new texts in the place of several files, each by a rename, so that a reader sees the old text or the new one.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace lockstep::fleet {

struct Exchanged {
  std::optional<std::string> before;  // what must still be there; absent: the file must not exist
  std::string after;
};

// By path. A link is followed, and a file keeps its mode. Throws RefusedError, and nothing is written, if a file isn't what it
// was; UsageError if it can't be written. A file that changes between the first rename and its own is left, and the error says
// which files had been written before.
void exchange(const std::map<std::string, Exchanged>& files);

}  // namespace lockstep::fleet
