// Package archive writes container image archives from static binaries,
// without a container engine and without a registry.
//
// An image is one layer over an empty root: the binaries at the root of the
// file system, run as an unprivileged user. The same input gives the same
// bytes and so the same digest, because every time stamp is fixed and the
// entries are written in a fixed order.
//
// The archive is an OCI image layout that carries a Docker manifest as well,
// so that containerd (ctr images import), Docker (docker load) and skopeo
// (oci-archive:) all take it.
package archive
