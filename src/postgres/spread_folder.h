// A hint for the file system that holds an embedded server.
#pragma once

#include <string>

namespace lockstep::postgres {

// The folder's subfolders have little to do with each other (as chattr +T says). Then ext4 doesn't put a new scratch database
// where the last one was: for minutes it uses none of the inodes of files that were deleted, and looks at each of them again for
// every file that it makes. Nothing happens where that can't be said.
void spread_subfolders(const std::string& folder);

}  // namespace lockstep::postgres
