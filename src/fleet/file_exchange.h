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
// was; CommandError{failed} if one can't be written: nothing of it is left then, and no folder made for it. If that happens
// between the first rename and the last (or a file changes meanwhile), the error says which files had been written before.
void exchange(const std::map<std::string, Exchanged>& files);

}  // namespace lockstep::fleet
