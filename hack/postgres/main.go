// Command postgres prints the folder of PostgreSQL's programs on this machine. Root on a Debian has
// them installed, if they are missing; anybody else is told how to.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/fairlead/fairlead/test/postgres"
)

func main() {
	folder, err := postgres.Programs(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		os.Exit(1)
	}
	fmt.Println(folder)
}
