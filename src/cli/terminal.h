// What stands behind a descriptor.
#pragma once

namespace clipclap::cli {

bool is_terminal(int descriptor);

/// A terminal that understands cursor movements and is not told to do without colour.
bool allows_cursor_movement(int descriptor);
bool allows_color(int descriptor);

/// Columns that $COLUMNS or the terminal tells; `otherwise` where neither does.
int columns_of(int descriptor, int otherwise);

}  // namespace clipclap::cli
