module github.com/fairlead/fairlead/hack/cluster/binaries/pause

go 1.26.0
