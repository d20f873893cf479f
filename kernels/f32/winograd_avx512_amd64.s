//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx512_amd64.h"
#include "winograd_amd64.h"

// func winogradInputAVX512(a *winogradArgs)
TEXT ·winogradInputAVX512(SB), NOSPLIT, $0-8
	WINOGRADINPUT

// func winogradOutputAVX512(a *winogradArgs)
TEXT ·winogradOutputAVX512(SB), NOSPLIT, $0-8
	WINOGRADOUTPUT
