// The names of partitions' shares of an index that was built under other names: those that PostgreSQL chooses where the index is
// created in one statement. Only the server knows which are free, so a DO block asks it, as PostgreSQL does:
//   ALTER INDEX … RENAME TO …      SHARE UPDATE EXCLUSIVE on the share, brief
// Safe because: it renames what this run has built, or attached, within the transaction that ends it. Undo: the shares go with
// their index. Watch: nothing. Pure.
#pragma once

#include <string>
#include <vector>

namespace lockstep::recipes {

struct ShareName {
  std::string schema;
  std::string built;   // as it is called now
  std::string wanted;  // with a number behind it where that is taken
  friend bool operator==(const ShareName&, const ShareName&) = default;
};

// One statement, or none.
std::vector<std::string> name_shares(const std::vector<ShareName>& shares);
// Whether the statement is one that name_shares() makes.
bool names_shares(const std::string& statement);

}  // namespace lockstep::recipes
