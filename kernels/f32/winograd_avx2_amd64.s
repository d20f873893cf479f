//go:build !noasm

#include "textflag.h"
#include "go_asm.h"
#include "vectors_avx2_amd64.h"
#include "winograd_amd64.h"

// func winogradInputAVX2(a *winogradArgs)
TEXT ·winogradInputAVX2(SB), NOSPLIT, $0-8
	WINOGRADINPUT

// func winogradOutputAVX2(a *winogradArgs)
TEXT ·winogradOutputAVX2(SB), NOSPLIT, $0-8
	WINOGRADOUTPUT
