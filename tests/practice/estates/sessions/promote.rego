package sessions

import rego.v1

default allow := false

# A version is promoted on the newest results of the suites of what it stands on.
allow if {
    count(input.checks) > 0
    every check in input.checks {
        check.success
    }
}
