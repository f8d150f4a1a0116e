// Package photo reads what photos say of themselves: where, when and in which direction they were taken, by what and how
// large they are ([Read]); and makes what is shown instead of the original ([Copies]). JPEG and PNG whole, TIFF and HEIC by
// their headers: for those the standard library has no decoder.
//
// It leans on the image decoders of the standard library, golang.org/x/image/draw and internal/fault.
//
// # Why
//
// 2026-11-28: the EXIF reader is our own. github.com/bep/imagemeta v1.0.1, the best of those tried, reads a latitude of
// 29/1 0/0 0/0 as 29° and a time of 0/0 0/0 0/0 as midnight before anybody can look at the numbers, and runs for ever on a
// HEIF file of 64 bytes one of whose boxes has a negative length. Ours reads three directories and the two dozen tags wanted,
// follows no chain, and agrees with imagemeta on every picture of its own collection that has what both read (peers_test.go).
//
// 2026-11-28: a position is a position only when every part of it is there. 0/0 is what cameras write for unknown, and half
// a minute of arc is a kilometre. Letters for north and east that are missing are read as such and noted; such that
// contradict the numbers are taken at their word only where the numbers leave one reading.
//
// 2026-11-28: the time of the satellites goes before the camera's clock: nobody sets it, it has no zone, and it is the time
// of the position that is to be held against a track. A clock without zone is Beijing time and noted, as in geo/track.
//
// 2026-11-28: size is judged by the headers and refused above 50 million pixels before a pixel is decoded. A picture that
// would still take more than 320 MB while decoded, as a large progressive JPEG does, gets no public copy.
//
// 2026-11-28: copies are made of pixels alone. To take known blocks out of a file leaves those that nobody knew: makers'
// notes, thumbnails of the uncropped picture, whatever stands behind its end.
package photo
