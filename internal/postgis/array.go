package postgis

import (
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5/pgtype"
)

var errArray = errors.New("postgis: geometry[] is not carried: a line would pass for an array of points; " +
	"use ST_Collect, or one row for each geometry")

// arrayCodec stands for geometry[] and refuses it with a sentence.
type arrayCodec struct{}

type refuseArray struct{}

func (refuseArray) Encode(any, []byte) ([]byte, error) { return nil, errArray }
func (refuseArray) Scan([]byte, any) error             { return errArray }

func (arrayCodec) FormatSupported(format int16) bool { return format == pgtype.BinaryFormatCode }
func (arrayCodec) PreferredFormat() int16            { return pgtype.BinaryFormatCode }

func (arrayCodec) PlanEncode(*pgtype.Map, uint32, int16, any) pgtype.EncodePlan { return refuseArray{} }
func (arrayCodec) PlanScan(*pgtype.Map, uint32, int16, any) pgtype.ScanPlan     { return refuseArray{} }

func (arrayCodec) DecodeDatabaseSQLValue(*pgtype.Map, uint32, int16, []byte) (driver.Value, error) {
	return nil, errArray
}

func (arrayCodec) DecodeValue(*pgtype.Map, uint32, int16, []byte) (any, error) { return nil, errArray }
