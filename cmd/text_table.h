// Tables as kubectl prints them.
#pragma once

#include <string>
#include <vector>

namespace heat_scheduler {

// Returns the rows, the first of them the headings, one a line, each column as wide as its widest
// cell and three blanks; the last one without trailing blanks. All rows have the same number of
// cells. Control characters become "?", so that no message forges a line.
std::string TextTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace heat_scheduler
